import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  clearLeftovers,
  forget,
  note,
  SOCKETS_PREFIX,
} from '../../../runtime/coordinator/leftovers.js';
import { processOf } from '../../../runtime/state/process-id.js';

let stateDir: string;
let worker: ChildProcess;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'squall-test-'));
  worker = spawn('sleep', ['1000']);
});
afterEach(() => {
  worker.kill('SIGKILL');
  rmSync(stateDir, { recursive: true });
});

test('ends a worker that outlived its run, and removes the sockets of the run', async () => {
  const sockets = mkdtempSync(SOCKETS_PREFIX);
  const gone = once(worker, 'exit');
  await note(stateDir, sockets, [{ pid: worker.pid!, worker: 0, epoch: 1 }]);
  await clearLeftovers(stateDir);
  expect(await gone).toEqual([null, 'SIGKILL']);
  expect(existsSync(sockets)).toBe(false);
});

test('leaves a stranger alone who has got the number of a worker, and a folder that is no run’s', async () => {
  const elsewhere = join(stateDir, 'elsewhere');
  mkdirSync(elsewhere);
  const stranger = { ...processOf(worker.pid!), started: 'before', worker: 0, epoch: 1 };
  writeFileSync(
    join(stateDir, 'workers.json'),
    JSON.stringify({ sockets: elsewhere, processes: [stranger] }),
  );
  await clearLeftovers(stateDir);
  expect(worker.exitCode ?? worker.signalCode).toBeNull();
  expect(existsSync(elsewhere)).toBe(true);
});

test('forgets commits, tasks and whose they were, and what a crash had left half forgotten', async () => {
  for (const folder of ['commits', 'tasks/count-0', 'over/tasks/count-0'])
    mkdirSync(join(stateDir, folder), { recursive: true });
  writeFileSync(join(stateDir, 'at-work-0'), 'count');
  writeFileSync(join(stateDir, 'plan'), 'hash\ntopology');
  await clearLeftovers(stateDir);
  expect(readdirSync(stateDir).sort()).toEqual(['commits', 'plan', 'tasks']);
  await forget(stateDir);
  expect(readdirSync(stateDir)).toEqual([]);
});
