/** What every keyed state promises, whatever it is kept in. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { redisState } from '../../../bolts/redis-state/redis-state.js';
import { KeyedJournal } from '../../../runtime/state/keyed-journal.js';
import type { KeyedState } from '../../../topology/dsl/state.js';
import { temporaryFolder } from '../../runtime/state/faults.js';
import { boltContext } from '../../support/bolt-context.js';
import { hasRedis, startRedis, type RedisServer } from '../../support/services/redis.js';

interface Store {
  start(): Promise<void>;
  end(): Promise<void>;
  /** Opens the state of that name as a task does that begins. */
  open(name: string): Promise<KeyedState & { close(): unknown }>;
}

function journals(): Store {
  let folder: string;
  return {
    start: async () => void (folder = await temporaryFolder()),
    end: () => rm(folder, { recursive: true }),
    open: (name) => KeyedJournal.open(join(folder, name)),
  };
}

function inRedis(): Store {
  let server: RedisServer;
  return {
    start: async () => void (server = await startRedis('--appendfsync', 'no')),
    end: () => server.end(),
    open: (name) => redisState(boltContext(), { url: server.url, key: name }),
  };
}

type Step = { put: string; value: unknown } | { delete: string } | { add: string } | 'flush';

const keys = fc.constantFrom('a', 'b', 'c', 'é"\n');
const step = fc.oneof(
  fc.record({ put: keys, value: fc.jsonValue() }),
  fc.record({ delete: keys }),
  fc.record({ add: fc.constantFrom('n', 'm') }),
  fc.constant('flush' as const),
) as fc.Arbitrary<Step>;

/** The same as a plain map would do it. */
function apply(model: Map<string, unknown>, step: Exclude<Step, 'flush'>): void {
  if ('put' in step) model.set(step.put, step.value);
  else if ('delete' in step) model.delete(step.delete);
  else model.set(step.add, Number(model.get(step.add) ?? 0) + 3);
}

function take(state: KeyedState, step: Exclude<Step, 'flush'>): void {
  if ('put' in step) state.put(step.put, step.value);
  else if ('delete' in step) state.delete(step.delete);
  else state.increment(step.add, 3);
}

const plain = (entries: Iterable<[string, unknown]>): unknown => {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.parse(JSON.stringify(sorted)) as unknown;
};

const stores = [
  { name: 'a journal', store: journals(), there: true },
  { name: 'Redis', store: inRedis(), there: hasRedis },
];

describe.each(stores.filter(({ there }) => there))('a state in $name', ({ store }) => {
  let round = 0;

  beforeAll(() => store.start());
  afterAll(() => store.end());

  test('is what a map is, and after a restart what it was at the last flush', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const name = `map${round++}`;
        const state = await store.open(name);
        const model = new Map<string, unknown>();
        for (const each of steps) {
          if (each === 'flush') await state.flush();
          else {
            apply(model, each);
            take(state, each);
          }
          expect(plain(state.entries())).toEqual(plain(model));
        }
        for (const key of ['a', 'n', 'nowhere']) expect(state.get(key)).toEqual(model.get(key));
        await state.flush();
        await state.close();
        const again = await store.open(name);
        expect(plain(again.entries())).toEqual(plain(model));
        await again.close();
      }),
      { numRuns: 40 },
    );
  });

  test('stores all that came before a flush, also when one is under way', async () => {
    const name = `flushes${round++}`;
    const state = await store.open(name);
    const flushes: Promise<void>[] = [];
    for (let i = 1; i <= 20; i++) {
      state.put(`k${i % 3}`, i);
      flushes.push(state.flush());
    }
    await Promise.all(flushes);
    await state.close();
    const again = await store.open(name);
    expect(plain(again.entries())).toEqual([
      ['k0', 18],
      ['k1', 19],
      ['k2', 20],
    ]);
    await again.close();
  });

  test('returns sums, and adds to nothing but numbers', async () => {
    const state = await store.open(`sums${round++}`);
    expect([state.increment('n'), state.increment('n', 4), state.increment('n', -6)]).toEqual([
      1, 5, -1,
    ]);
    state.put('text', 'secret');
    expect(() => state.increment('text')).toThrow(/^increment: the state of that key is no number/);
    await state.close();
  });

  test('takes no value that could not be read again, and stands', async () => {
    const name = `odd${round++}`;
    const state = await store.open(name);
    state.put('a', 1);
    const loop: unknown[] = [];
    loop.push(loop);
    for (const odd of [undefined, () => 1, Symbol('x'), 1n, NaN, Infinity, [1n], loop])
      expect(() => state.put('a', odd)).toThrow(/^put: the value is no JSON/);
    await state.flush();
    await state.close();
    const again = await store.open(name);
    expect([...again.entries()]).toEqual([['a', 1]]);
    await again.close();
  });

  test('holds as much as a task may have', async () => {
    const name = `many${round++}`;
    const state = await store.open(name);
    for (let i = 0; i < 30_000; i++) state.put(`key-${i}`, i);
    await state.flush();
    await state.close();
    const again = await store.open(name);
    const sum = [...again.entries()].reduce((all, [, value]) => all + Number(value), 0);
    expect(sum).toBe((30_000 * 29_999) / 2);
    await again.close();
  });
});
