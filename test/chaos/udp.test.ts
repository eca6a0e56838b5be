/** Kill -9 while datagrams come in: what was received is not lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { expectExit, killRuns } from '../support/chaos/cli-run.js';
import { isRunning, receiversOf } from '../support/chaos/processes.js';
import { freePorts, serverFolder } from '../support/services/service.js';
import {
  committedNumbers,
  figure,
  kernelDrops,
  leftNumbers,
  receiving,
  sendNumbers,
  storedNumbers,
} from '../support/udp.js';

let folder: ReturnType<typeof serverFolder>;
let port: number;

beforeEach(async () => {
  folder = serverFolder('udp');
  [port] = (await freePorts(1)) as [number];
});
afterEach(() => {
  killRuns();
  folder.remove();
});

const SENT = 30_000;
const PER_SECOND = 10_000;

test('workers are killed: sent = delivered + dropped by the kernel + dropped by the journal', async () => {
  const run = await receiving(folder.path, { port, workers: 2 });
  const sending = sendNumbers(port, 0, SENT, PER_SECOND);
  for (let death = 1; death <= 2; death++) {
    while ((await committedNumbers(folder.path)) < (death * SENT) / 4) await sleep(10);
    process.kill(run.workers()[0]!, 'SIGKILL');
    await run.until('it was noticed', () => run.stderr.split(' died (').length > death);
  }
  await sending;
  while (run.alive && (await committedNumbers(folder.path)) + kernelDrops(port) < SENT)
    await sleep(20);
  run.signal('SIGINT');
  const summary = expectExit(await run.ended, 0);
  expect(summary.restarts).toBe(2);
  const kernel = figure(summary, 'udp_kernel_drops_total');
  const journal = figure(summary, 'udp_journal_drops_total');
  expect(summary.acked + kernel + journal).toBe(SENT);
  expect(new Set(storedNumbers(folder.path)).size).toBe(summary.acked);
  expect(await leftNumbers(folder.path)).toEqual([]);
});

test('the whole run is killed: what was in the journal is delivered by the next one', async () => {
  const run = await receiving(folder.path, { port });
  const [receiver] = receiversOf(run.pid);
  const workers = run.workers();
  // They do not come to store it.
  process.kill(workers[0]!, 'SIGSTOP');
  await sendNumbers(port, 0, SENT / 3, PER_SECOND);
  while ((await leftNumbers(folder.path)).length === 0) await sleep(10);
  run.signalAll('SIGKILL');
  await run.ended;
  while ([receiver!, ...workers].some(isRunning)) await sleep(5);
  const journalled = await leftNumbers(folder.path);
  expect(journalled.length).toBeGreaterThan(0);
  const next = await receiving(folder.path, { port });
  while (next.alive && (await leftNumbers(folder.path)).length > 0) await sleep(20);
  next.signal('SIGINT');
  expectExit(await next.ended, 0);
  const stored = new Set(storedNumbers(folder.path));
  expect(journalled.filter((number) => !stored.has(number))).toEqual([]);
});

test('the coordinator is killed: the receiver journals what it has, and ends', async () => {
  const run = await receiving(folder.path, { port });
  const [receiver] = receiversOf(run.pid);
  // It does not come to store any of it.
  process.kill(run.workers()[0]!, 'SIGSTOP');
  await sendNumbers(port, 0, 2000, PER_SECOND);
  const dropped = kernelDrops(port);
  run.signal('SIGKILL');
  while (isRunning(receiver!)) await sleep(5);
  expect((await leftNumbers(folder.path)).length).toBe(2000 - dropped);
});

test('a receiver that is killed is started again, and it is said that what came meanwhile is lost', async () => {
  const run = await receiving(folder.path, { port });
  await sendNumbers(port, 0, 1000, PER_SECOND);
  while ((await committedNumbers(folder.path)) + kernelDrops(port) < 1000) await sleep(10);
  const [receiver] = receiversOf(run.pid);
  const dropped = kernelDrops(port);
  process.kill(receiver!, 'SIGKILL');
  await run.until('it was there again', () => receiversOf(run.pid).some((pid) => pid !== receiver));
  while (Number.isNaN(kernelDrops(port))) await sleep(10);
  await sendNumbers(port, 1000, 1000, PER_SECOND);
  while ((await committedNumbers(folder.path)) + kernelDrops(port) < 2000 - dropped)
    await sleep(10);
  run.signal('SIGINT');
  const { stderr, ...ended } = await run.ended;
  expect(expectExit({ stderr, ...ended }, 0).restarts).toBe(0);
  expect(stderr).toContain('lines: its receiver died (SIGKILL)');
  expect(stderr).toContain('lines: its receiver receives again (restart 1)');
  expect(storedNumbers(folder.path).length).toBeGreaterThanOrEqual(1000);
});
