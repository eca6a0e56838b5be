import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { CommitLog, readCommits } from '../../../runtime/state/commits.js';
import { failNext, temporaryFolder } from './faults.js';

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const counted = (emitted: number, acked = emitted, deadLetters = 0) => ({
  emitted,
  acked,
  deadLetters,
});
const plain = ({ positions, counters }: Awaited<ReturnType<typeof readCommits>>) => ({
  positions: Object.fromEntries(positions),
  counters,
});

test('a task goes on from what it committed, counters and all', async () => {
  const first = await CommitLog.open(folder, 'logs', 0);
  first.commit(
    new Map([
      ['a', 10],
      ['b', 1],
    ]),
    counted(12, 11, 1),
  );
  first.commit(new Map([['a', 20]]), counted(22, 21, 1));
  await first.close();
  const second = await CommitLog.open(folder, 'logs', 0);
  expect(plain(second.committed)).toEqual({
    positions: { a: 20, b: 1 },
    counters: counted(22, 21, 1),
  });
  await second.close();
});

test('what was committed and not flushed does not count after a crash: positions and counters fall back together', async () => {
  const log = await CommitLog.open(folder, 'logs', 0);
  log.commit(new Map([['a', 10]]), counted(10));
  await log.flush();
  log.commit(new Map([['a', 20]]), counted(20));
  expect(plain(await readCommits(folder, 'logs'))).toEqual({
    positions: { a: 10 },
    counters: counted(10),
  });
  await log.close();
  const file = join(folder, 'commits', 'logs-0.log');
  await truncate(file, (await stat(file)).size - 1);
  expect(plain(await readCommits(folder, 'logs'))).toEqual({
    positions: { a: 10 },
    counters: counted(10),
  });
});

test('the view over all tasks has the largest position of each partition and the sums of the counters', async () => {
  const moves = fc.array(
    fc.record({
      task: fc.nat(3),
      positions: fc.dictionary(fc.constantFrom('a', 'b', '/c', '__proto__'), fc.nat()),
      emitted: fc.nat(),
    }),
  );
  await fc.assert(
    fc.asyncProperty(moves, async (commits) => {
      await rm(join(folder, 'commits'), { recursive: true, force: true });
      const largest = new Map<string, number>();
      const counters = new Map<number, number>();
      for (const { task, positions, emitted } of commits) {
        const log = await CommitLog.open(folder, 'logs', task);
        log.commit(new Map(Object.entries(positions)), counted(emitted));
        await log.close();
        for (const [partition, position] of Object.entries(positions)) {
          largest.set(partition, Math.max(position, largest.get(partition) ?? 0));
        }
        counters.set(task, emitted);
      }
      const merged = await readCommits(folder, 'logs');
      expect(new Map(merged.positions)).toEqual(largest);
      expect(merged.counters.emitted).toBe([...counters.values()].reduce((a, b) => a + b, 0));
    }),
    { numRuns: 30 },
  );
});

test('components do not see each other, whatever their names', async () => {
  for (const name of ['a', 'a-1', 'a/../b', 'logs']) {
    const log = await CommitLog.open(folder, name, 0);
    log.commit(new Map([[name, 1]]), counted(1));
    await log.close();
  }
  for (const name of ['a', 'a-1', 'a/../b', 'logs']) {
    expect(plain(await readCommits(folder, name))).toEqual({
      positions: { [name]: 1 },
      counters: counted(1),
    });
  }
  expect(plain(await readCommits(folder, 'none'))).toEqual({ positions: {}, counters: counted(0) });
});

test('a long log is rewritten as one record and says the same', async () => {
  const log = await CommitLog.open(folder, 'logs', 0);
  const partition = 'p'.repeat(10_000);
  let largestBytes = 0;
  for (let i = 1; i <= 250; i++) {
    log.commit(
      new Map([
        [partition, i],
        [`small ${i % 7}`, i],
      ]),
      counted(i),
    );
    await log.flush();
    largestBytes = Math.max(largestBytes, (await stat(join(folder, 'commits', 'logs-0.log'))).size);
  }
  await log.close();
  expect(largestBytes).toBeGreaterThan(1024 * 1024 - 11_000);
  expect(largestBytes).toBeLessThan(1024 * 1024 + 11_000);
  const { positions, counters } = await readCommits(folder, 'logs');
  expect(positions.get(partition)).toBe(250);
  expect(
    Math.max(...[...positions].filter(([name]) => name !== partition).map(([, at]) => at)),
  ).toBe(250);
  expect(counters).toEqual(counted(250));
});

test('a snapshot longer than the limit is not rewritten at every commit', async () => {
  const log = await CommitLog.open(folder, 'logs', 0);
  log.commit(
    new Map(Array.from({ length: 3 }, (_, i) => [`${i}${'p'.repeat(500_000)}`, 1])),
    counted(1),
  );
  log.commit(new Map([['a', 1]]), counted(2)); // rewritten here
  await log.flush();
  const file = join(folder, 'commits', 'logs-0.log');
  const { ino } = await stat(file);
  log.commit(new Map([['a', 2]]), counted(3));
  await log.close();
  expect((await stat(file)).ino).toBe(ino);
  expect((await readCommits(folder, 'logs')).counters.emitted).toBe(3);
});

test('a flush that fails can be called again', async () => {
  const log = await CommitLog.open(folder, 'logs', 0);
  log.commit(new Map([['a', 10]]), counted(10));
  await failNext('write', 'ENOSPC', 3);
  await expect(log.flush()).rejects.toMatchObject({ code: 'ENOSPC' });
  log.commit(new Map([['a', 20]]), counted(20));
  await log.close();
  expect(plain(await readCommits(folder, 'logs'))).toEqual({
    positions: { a: 20 },
    counters: counted(20),
  });
});
