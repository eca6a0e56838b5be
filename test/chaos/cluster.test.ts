/** Kill -9 of each part of a cluster, and of all at once, while a topology counts: nothing is lost, and what need not stop does not. */
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { reportLines, type ChaosReport } from '../../cli/chaos/report.js';
import { readCommits } from '../../runtime/state/commits.js';
import { Cluster, processesOf } from '../support/cluster/cluster.js';
import { tallied, writeNumbers } from '../support/cluster/numbers.js';

const NAME = 'numbers';
const RATE = 500;
const WORKERS = 2;

const cluster = new Cluster();

beforeAll(async () => {
  await cluster.start();
  writeNumbers(cluster.folder);
  await submit('out');
  await moves();
});

/** @param out where its sink is to store */
async function submit(out: string): Promise<void> {
  const said = await cluster.squall(
    ...['submit', './numbers.mjs', '--set', `out=${join(cluster.folder, out)}`],
    ...['--set', `rate=${RATE}`, '--workers', String(WORKERS)],
    ...['--message-timeout', '5s', '--max-attempts', '1000'],
  );
  expect(said).toMatchObject({ code: 0 });
}
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

/** Resolves when one that was killed is there again, and nimbus knows. */
async function back(half: 'nimbus' | 'supervisor'): Promise<void> {
  await cluster.until(`${half} is back`, () => cluster.pidOf(half) !== undefined);
  await cluster.ready();
}

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
  await back('nimbus');
  await is('running');
  await moves();
  expect(await all()).toEqual(pids);
});

test('the supervisor is killed: workers run on, and the next one takes them over; there is no second copy', async () => {
  const before = await all();
  await cluster.kill(cluster.pidOf('supervisor')!);
  await back('supervisor');
  await is('running');
  await moves();
  expect(await all()).toEqual(before);
  expect(processesOf(cluster.dir)).toEqual([...before].sort());
});

test('a worker that is killed while the supervisor is away comes back after it', async () => {
  const [first, second] = await all();
  process.kill(cluster.pid, 'SIGSTOP');
  await cluster.kill(cluster.pidOf('supervisor')!);
  await cluster.kill(second!);
  process.kill(cluster.pid, 'SIGCONT');
  await back('supervisor');
  await replaced([second!]);
  await moves();
  expect(await all()).toContain(first);
});

test('the supervisor is killed twice, the second time while it takes over, and with a worker that begins', async () => {
  const [first, second] = await all();
  await cluster.kill(second!);
  await cluster.kill(cluster.pidOf('supervisor')!);
  await cluster.until('the next one', () => cluster.pidOf('supervisor') !== undefined);
  await cluster.kill(cluster.pidOf('supervisor')!);
  await back('supervisor');
  await replaced([second!]);
  await moves();
  expect(await all()).toContain(first);
  expect(processesOf(cluster.dir)).toHaveLength(WORKERS);
});

test('it is paused and resumed, also with nimbus and the supervisor killed in between', async () => {
  const client = await cluster.client();
  const pids = await all();
  await client.change(NAME, 'pause');
  await is('paused');
  await cluster.until('it rests', async () => (await client.show(NAME)).emitted === (await done()));
  const rests = await done();
  await Promise.all([
    cluster.kill(cluster.pidOf('nimbus')!),
    cluster.kill(cluster.pidOf('supervisor')!),
  ]);
  await back('nimbus');
  await back('supervisor');
  await is('paused');
  expect(await done()).toBe(rests);
  // While the supervisor is away.
  process.kill(cluster.pid, 'SIGSTOP');
  await cluster.kill(cluster.pidOf('supervisor')!);
  await (await cluster.client()).change(NAME, 'resume');
  process.kill(cluster.pid, 'SIGCONT');
  await back('supervisor');
  await is('running');
  await moves();
  expect(await all()).toEqual(pids);
});

test('all is killed at once, and the journal of nimbus torn: started again, it goes on from its commits', async () => {
  const before = await done();
  await cluster.killAll([NAME]);
  appendFileSync(join(cluster.dir, 'nimbus', 'state.journal'), Buffer.from([0, 0, 1, 7, 99]));
  await cluster.start();
  await is('running');
  await moves();
  expect(await done()).toBeGreaterThan(before);
});

test('a worker that is stopped is replaced, and is gone before the next one begins', async () => {
  const [first, second] = await all();
  process.kill(second!, 'SIGSTOP');
  let both = false;
  await cluster.until('it is replaced', async () => {
    const now = processesOf(cluster.dir);
    both ||= now.length > WORKERS;
    return now.length === WORKERS && !now.includes(second!);
  });
  expect(both).toBe(false);
  await moves();
  expect(await all()).toContain(first);
});

/** As the command does it. @returns what it reports */
async function chaos(...args: string[]): Promise<ChaosReport> {
  const said = await cluster.squall(
    ...['chaos', NAME, ...args, '--every', '0s', '--for', '10m', '--yes', '--json'],
  );
  expect(said).toMatchObject({ code: 0 });
  const report = JSON.parse(said.stdout) as ChaosReport;
  process.stdout.write(`${reportLines(report).join('\n')}\n`);
  expect(report).toMatchObject({ lost: 0, deadLetters: 0, unrecovered: 0 });
  expect(report.delivered).toBeGreaterThan(0);
  return report;
}

test.each([
  [100, 'worker'],
  [20, 'supervisor'],
])(
  '%i times a %s is killed: it goes on each time, and nothing is lost',
  async (times, part) => {
    const report = await chaos('--kill', part, '--times', String(times));
    expect(report.strikes).toBe(times);
  },
  600_000,
);

test('20 times nimbus is killed, and meanwhile both workers are stopped five times: all are replaced, and nothing is lost', async () => {
  const nimbus = chaos('--kill', 'nimbus', '--times', '20');
  for (let freeze = 1; freeze <= 5; freeze++) {
    const pids = await all();
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    await replaced(pids);
    await moves();
  }
  expect((await nimbus).strikes).toBe(20);
});

test('five times all of it is killed: started again, it goes on each time', async () => {
  for (let times = 1; times <= 5; times++) {
    await cluster.killAll([NAME]);
    await cluster.start();
    await is('running');
    await moves();
  }
});

test('drained, with the supervisor killed meanwhile: nothing is lost', async () => {
  await (await cluster.client()).change(NAME, 'drain');
  await cluster.kill(cluster.pidOf('supervisor')!);
  await is('drained');
  const {
    done: total,
    lost,
    shared,
    duplicates,
  } = await tallied(cluster.stateDir(NAME), cluster.folder, 'out');
  expect({ lost, shared }).toEqual({ lost: [], shared: [] });
  expect(total).toBeGreaterThan(0);
  expect((await (await cluster.client()).show(NAME)).deadLetters).toBe(0);
  process.stdout.write(`${total} done, ${duplicates} duplicates\n`);
});

test.each([['drained'], ['running']])(
  'killed and submitted again while the supervisor is away, one that was %s begins as it is now',
  async (before) => {
    await is(before);
    process.kill(cluster.pid, 'SIGSTOP');
    await cluster.kill(cluster.pidOf('supervisor')!);
    await (await cluster.client()).kill(NAME);
    await submit(`instead-of-${before}`);
    process.kill(cluster.pid, 'SIGCONT');
    await back('supervisor');
    await is('running');
    const out = join(cluster.folder, `instead-of-${before}`);
    await cluster.until('it stores where it was told to', () => readdirSync(out).length > 0);
  },
);
