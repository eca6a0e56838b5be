/** Kill -9 of a whole run, or of its coordinator, under load: the same command goes on. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import {
  canonicalize,
  committedIn,
  expectAll,
  makeInput,
  storedIn,
  wholeRowsIn,
  type Input,
} from '../support/chaos/canonicalized.js';
import { expectExit, killRuns, type CliRun } from '../support/chaos/cli-run.js';
import { randomMoment } from '../support/chaos/moment.js';
import { isRunning } from '../support/chaos/processes.js';
import { seeded } from '../support/chaos/seeded.js';

const LINES = 300_000;
const RUNS = 4;
const KILLS_MAX = 3;

let root: string;
let input: Input;
const told: string[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'squall-chaos-'));
  input = await makeInput(root, LINES);
});
afterEach(killRuns);
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  process.stdout.write(`${told.join('\n')}\n`);
});

/** What the dead have left behind. */
interface Left {
  readonly committed: number;
  readonly rows: number;
  /** It had completed, and only its exit was missing, or not even that. */
  readonly over: boolean;
}

/** Kills at a random moment, and waits until no process is left. */
async function struck(
  folder: string,
  random: () => number,
  kill: (run: CliRun) => void,
): Promise<Left> {
  const run = canonicalize(folder, input.path);
  const workers = await randomMoment(run, folder, LINES, random);
  kill(run);
  const { signal } = await run.ended;
  while (workers.some(isRunning)) await sleep(5);
  const rows = await wholeRowsIn(folder);
  // It forgets all about it when it has told that it completed.
  const forgot = !existsSync(join(folder, 'state', 'commits')) && rows >= LINES;
  const over = signal === null || forgot;
  return { committed: over ? LINES : await committedIn(folder), rows, over };
}

/** Runs to the end, and compares with the input. What was stored and not committed is stored again. */
async function expectWhole(
  folder: string,
  name: string,
  { committed, rows, over }: Left,
): Promise<void> {
  if (!over) {
    const summary = expectExit(await canonicalize(folder, input.path).ended, 0);
    const rest = LINES - committed;
    expect(summary).toMatchObject({
      outcome: 'completed',
      emitted: rest,
      acked: rest,
      deadLetters: 0,
    });
  }
  const stored = await storedIn(folder, input);
  expectAll(stored, input);
  const duplicates = stored.rows - LINES;
  expect(duplicates).toBeLessThanOrEqual(rows - committed);
  told.push(`${name}: ${committed} committed, ${rows} stored, ${duplicates} duplicates`);
  rmSync(folder, { recursive: true });
}

test.each(Array.from({ length: RUNS }, (_, run) => run + 1))(
  'goes on with nothing lost when the whole run is killed at random moments and started again (seed %i)',
  async (seed) => {
    const random = seeded(1000 + seed);
    const folder = mkdtempSync(join(root, `run-${seed}-`));
    let left: Left;
    let kills = 1 + Math.floor(random() * KILLS_MAX);
    do left = await struck(folder, random, (run) => run.signalAll('SIGKILL'));
    while (!left.over && --kills > 0);
    await expectWhole(folder, `seed ${seed}`, left);
  },
);

test('goes on with nothing lost when only the coordinator is killed; its workers end by themselves', async () => {
  const random = seeded(2000);
  for (let moment = 0; moment < 2; moment++) {
    const folder = mkdtempSync(join(root, 'coordinator-'));
    const left = await struck(folder, random, (run) => run.signal('SIGKILL'));
    await expectWhole(folder, 'coordinator', left);
  }
});
