import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ScaleAbandoned } from '../../../runtime/coordinator/scaling.js';
import { readShares } from '../../../runtime/state/kept-shares.js';
import type { FromMove, ToMove } from '../../../runtime/worker/move-steps.js';
import { complete, FakeRun, type FakeWorker } from './fake-workers.js';

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'squall-test-'));
});
afterEach(() => {
  rmSync(stateDir, { recursive: true });
});

/** The steps that a worker was told. */
const steps = ({ heard }: FakeWorker): string[] =>
  heard.flatMap(({ type }) =>
    ['prepare', 'hold', 'take', 'reopen', 'release'].includes(type) ? [type] : [],
  );

const lastStep = ({ heard }: FakeWorker): ToMove | undefined =>
  heard.findLast((message): message is ToMove => 'move' in message);

/** The worker has heard a step, and is done with it. */
async function does(
  worker: FakeWorker,
  step: ToMove['type'],
  done: FromMove['type'],
): Promise<void> {
  while (lastStep(worker)?.type !== step) await new Promise(setImmediate);
  worker.say({ type: done, move: lastStep(worker)!.move });
}

test('leads all workers through the steps, and the table is on disk before tasks are opened', async () => {
  const run = new FakeRun(stateDir);
  const both = await run.linked();
  const scaling = run.run.scale('tally', 3);
  for (const each of both) await does(each, 'prepare', 'prepared');
  for (const each of both) await does(each, 'hold', 'parked');
  for (const each of both) {
    while (lastStep(each)?.type !== 'reopen') await new Promise(setImmediate);
    expect((await readShares(stateDir))['tally']).toMatchObject({ planned: 1, tasks: 3 });
  }
  for (const each of both) await does(each, 'reopen', 'reopened');
  await expect(scaling).resolves.toMatchObject({ component: 'tally' });
  for (const each of both) expect(steps(each)).toEqual(['prepare', 'hold', 'reopen', 'release']);
  expect(run.run.components().find(({ name }) => name === 'tally')!.tasks).toBe(3);
  complete(both);
  expect(await run.result).toMatchObject({ outcome: 'completed' });
});

test('closes nothing while tasks are moved', async () => {
  const run = new FakeRun(stateDir);
  const both = await run.linked();
  const scaling = run.run.scale('tally', 2);
  await expect(run.run.scale('tally', 3)).rejects.toThrow(/Another bolt is being scaled/);
  for (const each of both) each.say({ type: 'quiet' });
  for (const each of both) await does(each, 'prepare', 'prepared');
  for (const each of both) await does(each, 'hold', 'parked');
  expect(both.map((each) => each.count('close'))).toEqual([0, 0]);
  for (const each of both) await does(each, 'reopen', 'reopened');
  await scaling;
  expect(both.map((each) => each.count('close'))).toEqual([1, 1]);
  complete(both);
  await run.result;
});

test('is abandoned when a worker dies before it is decided; who comes back has what was before', async () => {
  const run = new FakeRun(stateDir);
  const [first, second] = await run.linked();
  const scaling = run.run.scale('tally', 4);
  scaling.catch(() => {});
  for (const each of [first, second]) await does(each, 'prepare', 'prepared');
  await does(first, 'hold', 'parked');
  second.exit();
  while (lastStep(first)?.type !== 'reopen') await new Promise(setImmediate);
  // Not before the one that is left has its tasks open again; otherwise it would be after 50 ms.
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(run.lives.length).toBe(2);
  await does(first, 'reopen', 'reopened');
  await expect(scaling).rejects.toThrow(ScaleAbandoned);
  const third = await run.life(1, 2);
  expect(third.start.shares).toEqual({});
  expect(await readShares(stateDir)).toEqual({});
  run.run.abort();
  await run.result;
});

test('is gone through with when a worker dies later; who comes back has the new tasks', async () => {
  const run = new FakeRun(stateDir);
  const [first, second] = await run.linked();
  const scaling = run.run.scale('tally', 4);
  for (const each of [first, second]) await does(each, 'prepare', 'prepared');
  for (const each of [first, second]) await does(each, 'hold', 'parked');
  await does(first, 'reopen', 'reopened');
  second.exit();
  await scaling;
  const third = await run.life(1, 2);
  expect(third.start.shares['tally']!.taskWorkers.length).toBe(4);
  run.run.abort();
  await run.result;
});

test('is abandoned when the run ends', async () => {
  const run = new FakeRun(stateDir);
  const [first] = await run.linked();
  const scaling = run.run.scale('tally', 4);
  scaling.catch(() => {});
  await does(first, 'prepare', 'prepared');
  run.run.abort();
  await expect(scaling).rejects.toThrow(ScaleAbandoned);
  await run.result;
});

test('is refused while not all workers run', async () => {
  const run = new FakeRun(stateDir);
  const [, second] = await run.linked();
  second.exit();
  await expect(run.run.scale('tally', 2)).rejects.toThrow(/Not all workers are running/);
  run.run.abort();
  await run.result;
});
