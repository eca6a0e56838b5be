import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ScaleAbandoned } from '../../../runtime/coordinator/scaling.js';
import { seeded } from '../../support/chaos/seeded.js';
import { Cluster } from './cluster.js';
import { KeyedLoad, type Way } from './keyed-load.js';
import { awaiting, Source, sorted, Store, upTo } from './parts.js';

const ways: readonly Way[] = ['at-once', 'stored', 'awaited'];
const ascending = (numbers: readonly number[]): boolean =>
  numbers.every((n, i) => i === 0 || n > numbers[i - 1]!);

/** Scales through `steps` under load. Nothing is lost, doubled or out of order. */
async function through(
  steps: readonly number[],
  way: Way,
  workers: number,
  seed: number,
): Promise<void> {
  const load = new KeyedLoad(way, 1500);
  const cluster = await load.start({ workers }, seeded(seed));
  for (const tasks of steps) {
    const before = load.processed;
    await cluster.until(() => load.processed >= before + 100);
    await cluster.scale('count', tasks);
    for (const [name, entries] of cluster.groups)
      if (Number(name.split('-')[1]) >= tasks) expect(entries).toEqual([]);
    load.busy();
    const from = load.processed;
    await cluster.until(() => load.processed >= from + 100);
    expect(load.busy()).toEqual(Array.from({ length: tasks }, (_, task) => task));
  }
  await cluster.finish();
  expect(load.faults).toEqual([]);
  expect(load.counts()).toEqual(load.sent());
  // An awaited row is done when it is: its order is that of `process`, which the counts are of.
  for (const [key, numbers] of load.out) {
    expect(numbers.length).toBe(load.sent().get(key));
    if (way !== 'awaited') expect(ascending(numbers)).toBe(true);
  }
  expect(cluster.sum('a', 'replayed') + cluster.sum('b', 'replayed')).toBe(0);
  expect(cluster.notices).toEqual([]);
}

describe('a keyed bolt that is scaled under load', () => {
  test.each(ways)('from 1 to 4, 2, 8 and 1: nothing lost, counts exact (%s)', async (way) => {
    await through([4, 2, 8, 1], way, 3, 1);
  });

  test('in a worker of its own', async () => {
    await through([4, 1, 3], 'stored', 1, 1);
  });

  test('whatever comes first: rows, marks, words of the coordinator', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.constantFrom(...ways),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
        async (seed, way, workers, steps) => through(steps, way, workers, seed),
      ),
      { numRuns: 25 },
    );
  });
});

test('a bolt whose rows come in turn gets more tasks and fewer, and each gets rows', async () => {
  const source = new Source();
  const store = new Store();
  const step = awaiting(async (row, emit) => {
    await new Promise(setImmediate);
    emit.out(row);
  });
  const cluster = await Cluster.start(
    (t) => {
      const numbered = t.spout('in', source.spout, { worker: 0 });
      const { out } = t.bolt('step', step, { from: numbered.shuffle(), tasks: 1 });
      t.sink('store', store.sink(), { from: out.global() });
    },
    { workers: 3 },
  );
  const executed = (): number[] => cluster.engines.map(({ counters }) => counters.executed[1]!);
  let rows = 0;
  for (const tasks of [3, 2, 6, 1]) {
    source.push(120);
    await cluster.pass(1);
    await cluster.scale('step', tasks);
    const before = executed();
    source.push(120);
    rows += 240;
    await cluster.until(() => cluster.sum('step', 'executed') === rows);
    const busy = executed().filter((count, worker) => count > before[worker]!).length;
    expect(busy).toBeGreaterThanOrEqual(Math.min(tasks, 3));
  }
  source.end();
  await cluster.finish();
  expect(sorted(store.written)).toEqual(upTo(rows));
  expect(cluster.sum('in', 'replayed')).toBe(0);
});

test('a task gives its keys away only when it has got what is on the way to it', async () => {
  const load = new KeyedLoad('at-once', 600);
  const cluster = await load.start({ workers: 3 }, seeded(1));
  await cluster.until(() => load.processed >= 100);
  cluster.stuck = true;
  await cluster.pass(50);
  cluster.clock.setTimer(500, () => (cluster.stuck = false));
  await cluster.scale('count', 4);
  expect(cluster.stuck).toBe(false);
  await cluster.finish();
  expect(load.faults).toEqual([]);
  expect(load.counts()).toEqual(load.sent());
  for (const numbers of load.out.values()) expect(ascending(numbers)).toBe(true);
});

describe('a worker that dies while keys are moved', () => {
  /** 3 workers hear prepare, hold, take, reopen and release, and say four times that they are done. */
  const words = Array.from({ length: 27 }, (_, i) => i);
  const cases = [0, 1, 2].flatMap((worker) => words.map((word) => [worker, word] as const));

  test.each(cases)(
    'worker %i, at word %i: no count is too low, no key in two tasks',
    async (worker, word) => {
      const load = new KeyedLoad('stored', 600);
      const cluster = await load.start(
        { workers: 3, maxAttempts: 50 },
        seeded(worker * 100 + word),
      );
      await cluster.scale('count', 3);
      let killed = false;
      const first = words.length;
      cluster.hearing = (heard) => {
        if (heard - first !== word) return;
        killed = true;
        load.killed(worker);
        cluster.kill(worker);
      };
      const tasks = word % 2 === 0 ? 5 : 2;
      const scaled = cluster.scale('count', tasks).then(
        () => tasks,
        (error: unknown) => {
          if (error instanceof ScaleAbandoned) return 3;
          throw error;
        },
      );
      const after = await scaled;
      await cluster.until(() => killed);
      await cluster.restart(worker);
      load.busy();
      const from = load.processed;
      await cluster.until(() => load.processed >= from + 200);
      expect(load.busy()).toEqual(Array.from({ length: after }, (_, task) => task));
      await cluster.finish();
      expect(load.faults).toEqual([]);
      const counts = load.counts();
      for (const [key, sent] of load.sent()) {
        expect(counts.get(key)).toBeGreaterThanOrEqual(sent);
        expect(new Set(load.out.get(key)).size).toBe(sent);
      }
    },
  );
});
