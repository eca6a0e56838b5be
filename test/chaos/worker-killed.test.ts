/** Kill -9 of workers under load: nothing is lost, and the run ends as if nothing had been. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  canonicalize,
  committedIn,
  expectAll,
  makeInput,
  storedIn,
  type Input,
} from '../support/chaos/canonicalized.js';
import { expectExit, killRuns, type CliRun } from '../support/chaos/cli-run.js';
import { randomMoment, untilCommitted } from '../support/chaos/moment.js';
import { isStopped, peersOf } from '../support/chaos/processes.js';
import { oneOf, seeded } from '../support/chaos/seeded.js';

const LINES = 300_000;
const RUNS = 4;
const DONE = { outcome: 'completed', emitted: LINES, acked: LINES, deadLetters: 0 };

let root: string;
let folder: string;
let input: Input;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'squall-chaos-'));
  input = await makeInput(root, LINES);
});
beforeEach(() => {
  folder = mkdtempSync(join(root, 'run-'));
});
afterEach(() => {
  killRuns();
  rmSync(folder, { recursive: true });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each(Array.from({ length: RUNS }, (_, run) => run + 1))(
  'loses nothing when a random worker is killed at a random moment (seed %i)',
  async (seed) => {
    const random = seeded(seed);
    const run = canonicalize(folder, input.path);
    const victims = await randomMoment(run, folder, LINES, random);
    const early = (await committedIn(folder)) < 0.9 * LINES;
    const killed = victims.length > 0 && kill(oneOf(random, victims));
    const summary = expectExit(await run.ended, 0);
    expect(summary).toMatchObject(DONE);
    // A worker that is killed when it has finished need not be started again.
    if (killed && early) expect(summary.restarts).toBe(1);
    expectAll(await storedIn(folder, input), input);
  },
);

/** False when it has ended meanwhile. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

/** Both workers, when the run is well under way. */
async function underWay(run: CliRun, share: number): Promise<[number, number]> {
  await untilCommitted(run, folder, share * LINES);
  return run.until('both workers were there', () => {
    const [first, second] = run.workers();
    return first !== undefined && second !== undefined && ([first, second] as [number, number]);
  });
}

test('four deaths cost no message one of its attempts: none becomes a dead letter', async () => {
  const random = seeded(31);
  const run = canonicalize(folder, input.path, '--max-attempts', '1');
  for (let death = 1; death <= 4; death++) {
    process.kill(oneOf(random, await underWay(run, 0.15 * death)), 'SIGKILL');
    await run.until('the death was noticed', () => run.stderr.split(' died (').length > death);
  }
  expect(expectExit(await run.ended, 0)).toMatchObject({ ...DONE, restarts: 4 });
  expectAll(await storedIn(folder, input), input);
});

test('a worker that stands still for longer than its messages may take is replaced, and nothing is lost', async () => {
  const run = canonicalize(folder, input.path, '--message-timeout', '1s', '--max-attempts', '1000');
  const [first] = await underWay(run, 0.3);
  process.kill(first, 'SIGSTOP');
  await run.until('it was replaced', () => / died \(SIGKILL\)/.test(run.stderr));
  expect(expectExit(await run.ended, 0)).toMatchObject({ ...DONE, restarts: 1 });
  expectAll(await storedIn(folder, input), input);
});

test('loses nothing when a worker slept through the death of its peer, and wakes up to the next one', async () => {
  const run = canonicalize(folder, input.path);
  const [sleeper, peer] = await underWay(run, 0.3);
  process.kill(sleeper, 'SIGSTOP');
  await run.until('it slept', () => isStopped(sleeper));
  process.kill(peer, 'SIGKILL');
  // Ready: it has told the coordinator, which has told the sleeper.
  await run.until('the next one was ready', () =>
    run.workers().some((pid) => pid !== sleeper && pid !== peer && peersOf(pid) !== undefined),
  );
  await sleep(100);
  process.kill(sleeper, 'SIGCONT');
  expect(expectExit(await run.ended, 0)).toMatchObject({ ...DONE, restarts: 1 });
  expectAll(await storedIn(folder, input), input);
});
