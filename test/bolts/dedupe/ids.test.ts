/** What every store of ids promises. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { shortId } from '../../../clients/redis/remember.js';
import type { Ids } from '../../../bolts/dedupe/ids.js';
import { MemoryIds } from '../../../bolts/dedupe/memory-ids.js';
import { RedisIds } from '../../../bolts/dedupe/redis-ids.js';
import { boltContext } from '../../support/bolt-context.js';
import { hasRedis, startRedis, type RedisServer } from '../../support/services/redis.js';

let server: RedisServer;
let stores = 0;

beforeAll(async () => {
  if (hasRedis) server = await startRedis('--appendfsync', 'no');
});
afterAll(() => server?.end());

const kinds = [
  {
    name: 'memory',
    open: async (windowMs: number): Promise<Ids> => new MemoryIds(windowMs, Date.now),
  },
  {
    name: 'Redis',
    open: (windowMs: number): Promise<Ids> =>
      RedisIds.open(boltContext(), { url: server.url, key: `ids${stores++}` }, windowMs),
  },
];

describe.each(kinds.slice(0, hasRedis ? 2 : 1))('ids in $name', ({ open }) => {
  test('are those that were added, whatever else was asked', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), fc.nat(30))), async (steps) => {
        const ids = await open(3_600_000);
        const model = new Set<string>();
        for (const [adds, number] of steps) {
          const id = shortId(String(number));
          expect(await ids.has(id)).toBe(model.has(id));
          if (!adds) continue;
          await ids.add(id);
          model.add(id);
        }
        ids.close?.();
      }),
      { numRuns: 20 },
    );
  });

  test('are all there, and no others, when they are many', async () => {
    const ids = await open(3_600_000);
    const all = Array.from({ length: 20_000 }, (_, i) => shortId(`id ${i}`));
    await Promise.all(all.slice(0, 10_000).map(async (id) => ids.add(id)));
    const there = await Promise.all(all.map(async (id) => ids.has(id)));
    expect(there.lastIndexOf(true)).toBe(9_999);
    expect(there.indexOf(false)).toBe(10_000);
    ids.close?.();
  });

  test('are known for the window, and forgotten later', async () => {
    const windowMs = 400;
    const ids = await open(windowMs);
    const id = shortId('x');
    const beforeMs = performance.now();
    await ids.add(id);
    let known: boolean;
    let askedMs: number;
    do {
      await sleep(5);
      known = await ids.has(id);
      askedMs = performance.now();
    } while (known);
    expect(askedMs - beforeMs).toBeGreaterThanOrEqual(windowMs);
    ids.close?.();
  });
});

describe('ids in memory', () => {
  const HOUR_MS = 3_600_000;

  test('are forgotten at the latest when the window and a fourth of it have passed', () => {
    let now = 1e12;
    const ids = new MemoryIds(HOUR_MS, () => now);
    const id = shortId('x');
    ids.add(id);
    now += HOUR_MS;
    expect(ids.has(id)).toBe(true);
    now += HOUR_MS / 4 + 1;
    expect(ids.has(id)).toBe(false);
  });

  test('take under 50 bytes each, and nothing when they are forgotten', () => {
    let now = 0;
    const ids = new MemoryIds(HOUR_MS, () => now);
    for (let i = 0; i < 100_000; i++) ids.add(shortId(String(i)));
    expect(ids.bytes).toBeGreaterThan(16 * 100_000);
    expect(ids.bytes).toBeLessThan(50 * 100_000);
    now += 2 * HOUR_MS;
    ids.has(shortId('x'));
    expect(ids.bytes).toBe(0);
  });

  test('stay when the clock is set back', () => {
    let now = 1e12;
    const ids = new MemoryIds(HOUR_MS, () => now);
    ids.add(shortId('x'));
    now -= HOUR_MS;
    expect(ids.has(shortId('x'))).toBe(true);
  });
});
