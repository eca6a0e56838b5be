/** Kill -9 of workers under load: nothing is lost, and the run ends as if nothing had been. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import {
  canonicalize,
  expectAll,
  makeInput,
  storedIn,
  type Input,
} from '../support/chaos/canonicalized.js';
import { expectExit, killRuns } from '../support/chaos/cli-run.js';
import { randomMoment } from '../support/chaos/moment.js';
import { oneOf, seeded } from '../support/chaos/seeded.js';

const LINES = 300_000;
const RUNS = 30;
const TIMEOUT_MS = 120_000;

let root: string;
let input: Input;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'squall-chaos-'));
  input = await makeInput(root, LINES);
}, TIMEOUT_MS);
afterEach(killRuns);
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each(Array.from({ length: RUNS }, (_, run) => run + 1))(
  'loses nothing when a random worker is killed at a random moment (seed %i)',
  async (seed) => {
    const random = seeded(seed);
    const folder = mkdtempSync(join(root, `run-${seed}-`));
    const run = canonicalize(folder, input.path);
    const victims = await randomMoment(run, folder, LINES, random);
    const killed = victims.length > 0 && process.kill(oneOf(random, victims), 'SIGKILL');
    const summary = expectExit(await run.ended, 0);
    expect(summary).toMatchObject({
      outcome: 'completed',
      emitted: LINES,
      acked: LINES,
      deadLetters: 0,
    });
    if (killed) expect(summary.restarts).toBeGreaterThanOrEqual(1);
    expectAll(await storedIn(folder, input), input);
    rmSync(folder, { recursive: true });
  },
  TIMEOUT_MS,
);
