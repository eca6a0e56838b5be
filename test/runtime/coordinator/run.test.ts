import { mkdirSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Counters } from '../../../runtime/metrics/counters.js';
import { CommitLog } from '../../../runtime/state/commits.js';
import { complete, FakeRun, IDLE, type FakeWorker } from './fake-workers.js';

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'squall-test-'));
});
afterEach(() => {
  rmSync(stateDir, { recursive: true });
});

const levelsHeard = ({ heard }: FakeWorker): number[] =>
  heard.flatMap((message) => (message.type === 'close' ? [message.level] : []));

/** The counters of a worker whose spout has emitted and acked so many. */
function counted(acked: number): ReturnType<Counters['snapshot']> {
  const counters = new Counters(4);
  counters.emitted[0] = counters.acked[0] = acked;
  return counters.snapshot();
}

test('tells each worker where the others are, and no other', async () => {
  const run = new FakeRun(stateDir);
  const workers = [await run.life(0), await run.life(1)];
  for (const [i, each] of workers.entries()) each.say({ type: 'ready', path: `socket ${i}` });
  for (const [i, each] of workers.entries()) {
    const peers = each.heard.filter((message) => message.type === 'peer');
    expect(peers).toEqual([
      { type: 'peer', worker: 1 - i, epoch: workers[1 - i]!.start.epoch, path: `socket ${1 - i}` },
    ]);
  }
  expect(workers[0]!.start.epoch).not.toBe(workers[1]!.start.epoch);
  run.run.abort();
  expect(await run.result).toMatchObject({ outcome: 'stopped' });
});

test('closes level by level, each when all workers are done with the one before', async () => {
  const run = new FakeRun(stateDir);
  const [first, second] = await run.linked();
  first.say({ type: 'quiet' });
  expect(levelsHeard(first)).toEqual([]);
  second.say({ type: 'quiet' });
  expect([levelsHeard(first), levelsHeard(second)]).toEqual([[0], [0]]);
  first.say({ type: 'closed', level: 0 });
  first.say({ type: 'closed', level: 0 });
  expect(levelsHeard(first)).toEqual([0]);
  second.say({ type: 'closed', level: 0 });
  expect([levelsHeard(first), levelsHeard(second)]).toEqual([
    [0, 1],
    [0, 1],
  ]);
  complete([first, second]);
  expect(levelsHeard(second)).toEqual([0, 1, 2]);
  expect([first.count('finish'), second.count('finish')]).toEqual([1, 1]);
  expect(await run.result).toMatchObject({ outcome: 'completed' });
});

test('reports what all workers counted and wrote, without what earlier runs had counted', async () => {
  for (const [task, acked] of [
    [0, 10],
    [1, 20],
    [2, 40],
  ] as const) {
    const log = await CommitLog.open(stateDir, 'lines', task);
    log.commit(new Map([['p', acked]]), { emitted: acked, acked, deadLetters: 0 });
    await log.close();
  }
  const run = new FakeRun(stateDir);
  const [first, second] = await run.linked();
  for (const each of [first, second]) each.say({ type: 'quiet' });
  for (let level = 0; level < 3; level++)
    for (const each of [first, second]) each.say({ type: 'closed', level });
  // A task goes on from what it had committed; the third of the run before is there no more.
  first.say({
    type: 'finished',
    outputs: ['b', 'a'],
    counters: counted(10 + 3),
    reasons: [['bad', 1]],
    own: [],
    load: IDLE,
  });
  second.say({
    type: 'finished',
    outputs: ['a'],
    counters: counted(20 + 4),
    reasons: [['bad', 2]],
    own: [],
    load: IDLE,
  });
  const { components, outputs } = await run.result;
  expect(outputs).toEqual(['a', 'b']);
  expect(components[0]).toMatchObject({ name: 'lines', emitted: 7, acked: 7 });
  expect(run.run.reasons()).toEqual([['bad', 3]]);
});

test('drains when it is told to, also workers that are linked later, and says that it was stopped', async () => {
  const run = new FakeRun(stateDir);
  const [first, second] = await run.linked();
  run.run.drain();
  expect([first.count('stop'), second.count('stop')]).toEqual([1, 1]);
  second.exit();
  const third = await run.life(1, 2);
  third.say({ type: 'ready', path: 'socket' });
  for (const each of [first, third]) each.say({ type: 'linked' });
  expect(third.count('stop')).toBe(1);
  complete([first, third]);
  expect(await run.result).toMatchObject({ outcome: 'stopped' });
});

test('ends at once when it is told to drain and no task is open yet', async () => {
  const run = new FakeRun(stateDir);
  const first = await run.life(0);
  first.say({ type: 'ready', path: 'socket' });
  run.run.drain();
  expect(await run.result).toMatchObject({ outcome: 'stopped', outputs: [] });
  expect(run.lives.every(({ killed }) => killed)).toBe(true);
});

test('starts nothing when it is told to drain before', async () => {
  const run = new FakeRun(stateDir);
  run.run.drain();
  expect(await run.result).toMatchObject({ outcome: 'stopped' });
  expect(run.lives).toEqual([]);
});

test('tells all workers when storage anywhere cannot be written, and when it can be written everywhere again', async () => {
  const run = new FakeRun(stateDir);
  const [first, second] = await run.linked();
  const heard = ({ heard }: FakeWorker): boolean[] =>
    heard.flatMap((message) => (message.type === 'stall' ? [message.stalled] : []));
  first.say({ type: 'stalled', code: 'ENOSPC' });
  second.say({ type: 'stalled', code: 'ENOSPC' });
  expect([heard(first), heard(second)]).toEqual([[true], [true]]);
  first.say({ type: 'stalled', code: null });
  expect([heard(first), heard(second)]).toEqual([[true], [true]]);
  // A worker that waited for room and died waits no more.
  second.exit();
  expect(heard(first)).toEqual([true, false]);
  run.run.abort();
  await run.result;
});

test('tells all workers that the run is ending when nothing moves in any, also one that was started again', async () => {
  const run = new FakeRun(stateDir);
  const [first, second] = await run.linked();
  const report = (worker: FakeWorker, still: boolean): void =>
    worker.say({ type: 'counters', counters: counted(0), reasons: [], own: [], load: IDLE, still });
  report(first, true);
  report(second, false);
  report(first, false);
  report(second, true);
  expect(first.count('ending') + second.count('ending')).toBe(0);
  report(first, true);
  expect([first.count('ending'), second.count('ending')]).toEqual([1, 1]);
  second.exit();
  report(first, true);
  expect(first.count('ending')).toBe(1);
  const again = await run.life(1, 2);
  report(again, true);
  expect(again.count('ending')).toBe(1);
  run.run.abort();
  await run.result;
});

test('fails with what a worker says that it cannot do', async () => {
  const run = new FakeRun(stateDir);
  const [first] = await run.linked();
  first.say({ type: 'fatal', component: 'lines', message: 'access.log: no such file' });
  expect(await run.result).toMatchObject({
    outcome: 'failed',
    error: 'lines: access.log: no such file',
  });
});

function stateOfTasks(tasks: number, content: string): void {
  for (let task = 0; task < tasks; task++) {
    const folder = join(stateDir, 'tasks', `split-${task}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'state.journal'), content);
  }
}

test('does not mind what a run that never began has left of other tasks', async () => {
  stateOfTasks(3, '');
  const run = new FakeRun(stateDir);
  complete(await run.linked());
  expect(await run.result).toMatchObject({ outcome: 'completed' });
});

test('refuses a state folder whose state is of another number of tasks, and starts nothing', async () => {
  stateOfTasks(3, 'something');
  const run = new FakeRun(stateDir);
  await expect(run.result).rejects.toThrow(
    /^split: the state folder .* holds the state of 3 of its tasks, and now there would be 2/,
  );
  expect(run.lives).toEqual([]);
});
