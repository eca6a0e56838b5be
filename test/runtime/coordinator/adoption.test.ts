import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { noteAssigned } from '../../../runtime/coordinator/adoption.js';
import { note } from '../../../runtime/coordinator/leftovers.js';
import type { HereMessage } from '../../../runtime/coordinator/protocol.js';
import type { AdoptWorker } from '../../../runtime/coordinator/worker-handle.js';
import { complete, FakeRun, FakeWorker, PLAN } from './fake-workers.js';

let stateDir: string;
let sockets: string;
/** Stand for workers that outlived their coordinator: all that is asked of them is that they live. */
let processes: ChildProcess[];

beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'squall-test-'));
  sockets = mkdtempSync(join(tmpdir(), 'squall-'));
  processes = [0, 1].map(() => spawn('sleep', ['1000']));
  const noted = processes.map(({ pid }, worker) => ({ pid: pid!, worker, epoch: 7 + worker }));
  await note(stateDir, sockets, noted);
  await noteAssigned(stateDir, PLAN, 2, {
    assignments: { lines: ['a', 'b'] },
    counters: new Map(),
  });
});
afterEach(() => {
  for (const each of processes) each.kill('SIGKILL');
  rmSync(stateDir, { recursive: true });
  rmSync(sockets, { recursive: true, force: true });
});

const HERE: HereMessage = {
  type: 'here',
  path: 'socket',
  linked: true,
  going: true,
  quiet: false,
  stopped: false,
  closing: false,
  moving: false,
  stalled: null,
};

/** A run that takes over what is there; `adopted` by worker. */
function adopting(draining = false): { run: FakeRun; adopted: Map<number, FakeWorker> } {
  const adopted = new Map<number, FakeWorker>();
  const adoptWorker: AdoptWorker = (left, events) => {
    const worker = 'worker' in left ? left.worker : -1;
    const life = new FakeWorker(null, events);
    adopted.set(worker, life);
    return {
      pid: left.pid,
      send: (message) => void life.heard.push(message),
      kill: () => life.kill(),
    };
  };
  return { run: new FakeRun(stateDir, {}, { adoptWorker, draining }), adopted };
}

async function both(adopted: Map<number, FakeWorker>): Promise<[FakeWorker, FakeWorker]> {
  while (adopted.size < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  return [adopted.get(0)!, adopted.get(1)!];
}

test('workers that outlived their coordinator are taken over as they are', async () => {
  const { run, adopted } = adopting();
  const [first, second] = await both(adopted);
  first.say(HERE);
  expect(run.run.going).toBe(false);
  second.say(HERE);
  expect(run.run.going).toBe(true);
  expect([first, second].map((each) => each.count('peer'))).toEqual([0, 0]);
  expect(run.lives).toEqual([]);
  expect(run.run.pids()).toEqual(processes.map(({ pid }) => pid));
  complete([first, second]);
  expect(await run.result).toMatchObject({ outcome: 'completed', restarts: 0 });
});

test('one that died meanwhile is started again, and linked with the one that lives', async () => {
  processes[1]!.kill('SIGKILL');
  await once(processes[1]!, 'exit');
  const { run, adopted } = adopting();
  const second = await run.life(1);
  expect(second.start.assignments).toEqual({ lines: ['a', 'b'] });
  expect(second.start.socketDir).toBe(sockets);
  const first = adopted.get(0)!;
  first.say({ ...HERE, linked: false });
  expect(first.count('peer')).toBe(0);
  second.say({ type: 'ready', path: 'other' });
  expect([first.count('peer'), second.count('peer')]).toEqual([1, 1]);
  for (const each of [second, first]) each.say({ type: 'linked' });
  expect([first.count('go'), second.count('go')]).toEqual([1, 1]);
  complete([first, second]);
  expect(await run.result).toMatchObject({ outcome: 'completed', restarts: 1 });
});

test.each([
  ['was just beginning', { path: null, going: false }],
  ['was just ending', { closing: true }],
  ['was moving keys', { moving: true }],
  ['was to begin nothing more', { stopped: true }],
])('one that %s begins anew', async (_, news) => {
  const { run, adopted } = adopting();
  const [first, second] = await both(adopted);
  first.say(HERE);
  second.say({ ...HERE, ...news });
  expect(second.killed).toBe(true);
  const third = await run.life(1);
  third.say({ type: 'ready', path: 'other' });
  for (const each of [first, third]) each.say({ type: 'linked' });
  complete([first, third]);
  // That it was replaced was nobody's death.
  expect(await run.result).toMatchObject({ outcome: 'completed', restarts: 0 });
});

test('they are told what is so now: that they were paused, or their messages told to wait, may be over', async () => {
  const { run, adopted } = adopting();
  run.run.pause(true);
  run.run.pause(false);
  const workers = await both(adopted);
  for (const each of workers) each.say(HERE);
  for (const { heard } of workers) {
    const last = (type: string): unknown => heard.filter((each) => each.type === type).at(-1);
    expect(last('pause')).toEqual({ type: 'pause', paused: false });
    expect(last('stall')).toEqual({ type: 'stall', stalled: false });
  }
  complete(workers);
  await run.result;
});

test('to drain them before it is known that they are there lets them finish, too', async () => {
  const { run, adopted } = adopting();
  run.run.drain();
  const workers = await both(adopted);
  for (const each of workers) each.say({ ...HERE, stopped: true });
  expect(workers.map(({ killed }) => killed)).toEqual([false, false]);
  complete(workers);
  expect(await run.result).toMatchObject({ outcome: 'stopped' });
});

test('to drain means to let those finish that are there, and to begin nothing', async () => {
  const { run, adopted } = adopting(true);
  const [first, second] = await both(adopted);
  for (const each of [first, second]) each.say(HERE);
  expect(Math.min(first.count('stop'), second.count('stop'))).toBeGreaterThan(0);
  complete([first, second]);
  expect(await run.result).toMatchObject({ outcome: 'stopped' });
  const { run: again } = adopting(true);
  expect(await again.result).toMatchObject({ outcome: 'stopped' });
  expect(again.lives).toEqual([]);
});

test('of another plan, they are ended, and the run begins anew', async () => {
  await noteAssigned(stateDir, { ...PLAN, hash: 'other' }, 2, {
    assignments: {},
    counters: new Map(),
  });
  const gone = Promise.all(processes.map((each) => once(each, 'exit')));
  const { run, adopted } = adopting();
  await gone;
  const lives = await run.linked();
  expect(adopted.size).toBe(0);
  expect(existsSync(sockets)).toBe(false);
  complete(lives);
  await run.result;
});
