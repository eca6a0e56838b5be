/** Kill -9 of each part of a cluster, and of all at once, while a topology counts: nothing is lost, and what need not stop does not. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readCommits } from '../../runtime/state/commits.js';
import { Cluster } from '../support/cluster/cluster.js';
import { tallied, writeNumbers } from '../support/cluster/numbers.js';

const NAME = 'numbers';
const RATE = 500;
const WORKERS = 2;

const cluster = new Cluster();

beforeAll(async () => {
  await cluster.start();
  const file = writeNumbers(cluster.folder);
  const said = await cluster.squall(
    ...['submit', file, '--set', `out=${join(cluster.folder, 'out')}`, '--set', `rate=${RATE}`],
    ...['--workers', String(WORKERS), '--message-timeout', '5s', '--max-attempts', '1000'],
  );
  expect(said).toMatchObject({ code: 0 });
  await moves();
});
afterAll(() => cluster.remove([NAME]));

/** How many messages are done for good. */
async function done(): Promise<number> {
  return (await readCommits(cluster.stateDir(NAME), NAME)).counters.acked;
}

/** Resolves when both tasks have got on. */
async function moves(): Promise<void> {
  const positions = async () => (await readCommits(cluster.stateDir(NAME), NAME)).positions;
  const before = await positions();
  await cluster.until('messages are done', async () => {
    const now = await positions();
    return now.size === WORKERS && [...now].every(([task, at]) => at > (before.get(task) ?? 0));
  });
}

const all = async (): Promise<number[]> => [...(await cluster.workers(NAME)).values()];

/** Resolves when as many workers are there as should be, and none of these. */
const replaced = (pids: readonly number[]): Promise<void> =>
  cluster.until('they are replaced', async () => {
    const now = await all();
    return now.length === WORKERS && !now.some((pid) => pids.includes(pid));
  });

const is = async (state: string): Promise<void> =>
  cluster.until(`it is ${state}`, async () => {
    const status = await (await cluster.client()).show(NAME);
    return status.state === state && status.reached === status.generation;
  });

test('nimbus is killed: data flows, a dead worker comes back, commands end with 4; the next one changes nothing that runs', async () => {
  const [first, second] = await all();
  // Away for as long as we look: what starts it again stands still.
  process.kill(cluster.pid, 'SIGSTOP');
  await cluster.kill(cluster.pidOf('nimbus')!);
  expect(await cluster.squall('list')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('nimbus unreachable'),
  });
  const before = await done();
  await cluster.kill(first!);
  await replaced([first!]);
  await moves();
  expect(await done()).toBeGreaterThan(before);
  const pids = await all();
  expect(pids).toContain(second);
  process.kill(cluster.pid, 'SIGCONT');
  await cluster.ready();
  await is('running');
  await moves();
  expect(await all()).toEqual(pids);
});
