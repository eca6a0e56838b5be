import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { acquire, StateInUse } from '../../../runtime/state/run-lock.js';
import { complete, FakeRun } from './fake-workers.js';

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'squall-test-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(stateDir, { recursive: true });
});

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** Far longer than it takes to do what must not be done yet. */
const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 200));

test('lets workers emit only when all are linked, also after one was replaced', async () => {
  const run = new FakeRun(stateDir);
  const first = await run.life(0);
  const second = await run.life(1);
  for (const each of [first, second]) each.say({ type: 'ready', path: 'socket' });
  first.say({ type: 'linked' });
  expect(first.count('go')).toBe(0);
  second.say({ type: 'linked' });
  expect([first.count('go'), second.count('go')]).toEqual([1, 1]);
  second.exit();
  const third = await run.life(1, 2);
  third.say({ type: 'ready', path: 'socket' });
  third.say({ type: 'linked' });
  // The first has yet to notice that its peer is another one now.
  expect([first.count('go'), third.count('go')]).toEqual([1, 0]);
  first.say({ type: 'linked' });
  expect([first.count('go'), third.count('go')]).toEqual([2, 1]);
  complete([first, third]);
  expect(await run.result).toMatchObject({ outcome: 'completed', restarts: 1 });
});

test('begins anew, when a worker dies while tasks are closed, only after all others are gone', async () => {
  const run = new FakeRun(stateDir);
  const [first, second] = await run.linked();
  first.lingers = true;
  for (const each of [first, second]) each.say({ type: 'quiet' });
  expect(first.count('close')).toBe(1);
  second.exit();
  expect(first.killed).toBe(true);
  await aWhile();
  expect(run.lives).toHaveLength(2);
  first.exit();
  const again = await run.linked(2);
  complete(again);
  expect(await run.result).toMatchObject({ outcome: 'completed', restarts: 1 });
});

test('keeps the state folder until all of its workers are gone', async () => {
  const run = new FakeRun(stateDir);
  const workers = await run.linked();
  for (const each of workers) each.lingers = true;
  run.run.abort();
  await aWhile();
  expect(workers.map(({ killed }) => killed)).toEqual([true, true]);
  await expect(acquire(stateDir)).rejects.toThrow(StateInUse);
  for (const each of workers) each.exit();
  expect(await run.result).toMatchObject({ outcome: 'stopped' });
  await (await acquire(stateDir)).release();
});

test('gives up after five deaths within a minute, and names the component that was at work', async () => {
  const run = new FakeRun(stateDir);
  await run.linked();
  for (let death = 1; death <= 4; death++) (await run.life(1, death)).exit('exit code 3');
  const last = await run.life(1, 5);
  expect(last.start.record).toBe(true);
  await writeFile(join(stateDir, 'at-work-1'), JSON.stringify({ component: 'split' }));
  last.exit('exit code 3');
  const { outcome, error, restarts } = await run.result;
  expect({ outcome, restarts }).toEqual({ outcome: 'failed', restarts: 4 });
  expect(error).toContain('the last by exit code 3');
  expect(error).toContain('"split" was at work');
});

test('does not blame a component for what a worker of an earlier run was at', async () => {
  await writeFile(join(stateDir, 'at-work-1'), JSON.stringify({ component: 'old' }));
  const run = new FakeRun(stateDir);
  await run.linked();
  for (let death = 1; death <= 5; death++) (await run.life(0, death)).exit();
  const { error } = await run.result;
  expect(error).toContain('which component it was is not known');
});

test('asks the worker whose message killed another one which it was; after two deaths all are told not to try it again', async () => {
  const run = new FakeRun(stateDir, { maxAttempts: 5 });
  const [first] = await run.linked();
  const message = { spout: 'lines', partition: 'a.log', position: 7 };
  for (let death = 1; death <= 2; death++) {
    const root = { worker: 0, slot: death, generation: 5 };
    await writeFile(join(stateDir, 'at-work-1'), JSON.stringify({ component: 'split', root }));
    (await run.life(1, death)).exit('exit code 3');
    expect(first.heard.filter(({ type }) => type === 'condemned')).toEqual([]);
    expect(first.heard.at(-1)).toEqual({ type: 'which', death: death - 1, root });
    first.say({ type: 'was', death: death - 1, message });
  }
  const verdict = { message, failure: { kind: 'killed-worker', component: 'split' }, attempts: 2 };
  expect(first.heard.at(-1)).toEqual({ type: 'condemned', verdict });
  const third = await run.life(1, 3);
  expect(third.start.condemned).toEqual([verdict]);
  complete([first, third]);
  expect(await run.result).toMatchObject({ outcome: 'completed', restarts: 2 });
});

test('no message times out while a worker is silent that may be blocked, and the operator is told nothing', async () => {
  let nowMs = performance.now();
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
  const run = new FakeRun(stateDir);
  const [first, second] = await run.linked();
  const heard = (each: typeof first): unknown[] =>
    each.heard.flatMap((message) => (message.type === 'stall' ? [message.stalled] : []));
  // So slowly that the coordinator itself does not seem to have slept.
  const told = async (times: number): Promise<void> => {
    for (; heard(first).length < times; nowMs += 15) await turn();
  };
  await told(1);
  for (const each of [first, second]) each.reports();
  await told(2);
  expect([heard(first), heard(second)]).toEqual([
    [true, false],
    [true, false],
  ]);
  complete([first, second]);
  expect(await run.result).toMatchObject({ outcome: 'completed' });
});

test('a worker that freezes before it has reported anything is replaced', async () => {
  let nowMs = performance.now();
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
  const run = new FakeRun(stateDir);
  const [first, second] = await run.linked();
  for (; !second.killed; nowMs += 15) {
    first.reports();
    await turn();
  }
  expect(first.killed).toBe(false);
  run.run.abort();
  await run.result;
});

test('goes on after five deaths over more than a minute', async () => {
  let nowMs = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => nowMs);
  const run = new FakeRun(stateDir);
  await run.linked();
  for (let death = 1; death <= 6; death++) {
    (await run.life(1, death)).exit();
    nowMs += 15_001;
  }
  const [first, last] = [await run.life(0), await run.life(1, 7)];
  complete([first, last]);
  expect(await run.result).toMatchObject({ outcome: 'completed', restarts: 6 });
});

test('forgets a run that completed, and what a crash had left of forgetting one', async () => {
  await mkdir(join(stateDir, 'over/tasks/split-0'), { recursive: true });
  const run = new FakeRun(stateDir);
  const workers = await run.linked();
  for (const folder of ['commits', 'tasks/split-0', 'tasks/split-1']) {
    await mkdir(join(stateDir, folder), { recursive: true });
  }
  complete(workers);
  await run.result;
  expect(await readdir(stateDir)).toEqual(['id', expect.stringMatching(/^lock\./)]);
});
