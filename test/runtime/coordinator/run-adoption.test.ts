/** A coordinator that comes after one that was killed takes its workers over, whatever they were told last. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { HereMessage } from '../../../runtime/coordinator/protocol.js';
import { complete, FakeRun, leaveTwo, type FakeWorker } from './fake-workers.js';

let stateDir: string;

beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'squall-test-'));
  await leaveTwo(stateDir);
});
afterEach(() => rmSync(stateDir, { recursive: true }));

const HERE: HereMessage = {
  type: 'here',
  path: 'socket',
  linked: true,
  going: true,
  quiet: false,
  stopped: false,
  closing: false,
  stalled: null,
};

async function leftBy(run: FakeRun): Promise<[FakeWorker, FakeWorker]> {
  while (run.left.size < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  return [run.left.get(0)!, run.left.get(1)!];
}

const heard = (worker: FakeWorker, type: string): unknown[] =>
  worker.heard.filter((message) => message.type === type);

test('goes on with them, and starts none', async () => {
  const run = new FakeRun(stateDir);
  const both = await leftBy(run);
  for (const each of both) each.say(HERE);
  expect(run.run.going).toBe(true);
  expect(run.lives).toEqual([]);
  complete(both);
  expect(await run.result).toMatchObject({ outcome: 'completed', restarts: 0 });
});

test('tells them what is so now: that they were paused, or told to wait, may be over', async () => {
  const run = new FakeRun(stateDir);
  run.run.pause(true);
  run.run.pause(false);
  const both = await leftBy(run);
  for (const each of both) each.say(HERE);
  for (const each of both) {
    expect(heard(each, 'pause').at(-1)).toEqual({ type: 'pause', paused: false });
    expect(heard(each, 'stall').at(-1)).toEqual({ type: 'stall', stalled: false });
  }
  run.run.abort();
  await run.result;
});

test('replaces one that was stopped, when it is to run on; the death counts for nobody', async () => {
  const run = new FakeRun(stateDir);
  const [first, second] = await leftBy(run);
  second.say({ ...HERE, stopped: true });
  first.say(HERE);
  expect([first.killed, second.killed]).toEqual([false, true]);
  const next = await run.life(1);
  expect(next.start.record).toBe(false);
  run.run.abort();
  await run.result;
});

test('finishes the draining of them that was begun', async () => {
  const run = new FakeRun(stateDir, {}, (made) => made.drain());
  const both = await leftBy(run);
  for (const each of both) each.say({ ...HERE, stopped: true });
  expect(both.map(({ killed }) => killed)).toEqual([false, false]);
  expect(heard(both[0], 'stop')).not.toEqual([]);
  complete(both);
  expect(await run.result).toMatchObject({ outcome: 'stopped' });
});

test('does not end them when they are to be drained before they have called', async () => {
  const run = new FakeRun(stateDir);
  const both = await leftBy(run);
  run.run.drain();
  for (const each of both) each.say(HERE);
  expect(both.map(({ killed }) => killed)).toEqual([false, false]);
  complete(both);
  expect(await run.result).toMatchObject({ outcome: 'stopped' });
});
