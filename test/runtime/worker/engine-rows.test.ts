import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bolt, type Bolt } from '../../../topology/dsl/bolt.js';
import type { Edge, Stream } from '../../../topology/dsl/stream.js';
import type { TopologyBuilder } from '../../../topology/dsl/topology.js';
import { int, nullable, text } from '../../../topology/rows/field.js';
import { schema } from '../../../topology/rows/schema.js';
import { rowsSpout } from '../../../runtime/testing/rows-spout.js';
import { Cluster } from './cluster.js';
import { canary, numbers, Numbered, sorted, stepping, Store, upTo, type Out } from './parts.js';

type Keyed = { readonly key: string; readonly n: number };
const Keyed = schema<Keyed>('keyed', { key: text(), n: int() });

/** A bolt that notes which task took which number. */
const noting = (taken: Map<number, number[]>): Bolt<Numbered, Out> =>
  bolt<Numbered, Out>({
    reads: Numbered,
    emits: { out: Numbered },
    open: ({ task }) => ({
      process(row, emit) {
        taken.set(row.n, [...(taken.get(row.n) ?? []), task]);
        emit.out(row);
      },
    }),
  });

/** `in -> noting (dealt out by `dealt`) -> store`, over workers. */
const dealt =
  (
    how: (stream: Stream<Numbered>) => Edge<Numbered, string>,
    taken: Map<number, number[]>,
    store: Store,
    count = 100,
    tasks = 4,
  ) =>
  (t: TopologyBuilder): void => {
    const { out } = t.bolt('noting', noting(taken), {
      from: how(t.spout('in', numbers(count), { worker: 0 })),
      tasks,
    });
    t.sink('store', store.sink(), { from: out.shuffle(), tasks: 1, worker: 1 });
  };

describe('rows between workers', () => {
  test('bring the fields that their reader declares, in its order, and no others', async () => {
    const Wide = schema('wide', { a: text(), unread: text(), n: int(), b: nullable(text()) });
    const Read = schema('read', { b: nullable(text()), n: int(), a: text() });
    const rows = [
      { a: 'first', unread: 'stays at home', n: 1, b: 'second' },
      { a: '', unread: 'stays at home', n: -2, b: null },
    ];
    const seen: object[] = [];
    const store = new Store();
    const reading = bolt({
      reads: Read,
      emits: { out: Numbered },
      process(row, emit) {
        seen.push(row.toObject());
        emit.out({ n: row.n });
      },
    });
    const cluster = await Cluster.start(
      (t) => {
        const wide = t.spout('in', rowsSpout(Wide, rows), { worker: 0 });
        const { out } = t.bolt('reading', reading, { from: wide.global() as never, worker: 1 });
        t.sink('store', store.sink(), { from: out.shuffle(), tasks: 1, worker: 1 });
      },
      { workers: 2 },
    );
    await cluster.finish();
    expect(store.written).toEqual([1, -2]);
    expect(seen).toEqual(rows.map(({ a, n, b }) => ({ b, n, a })));
    expect(cluster.arrived).toContain('first');
    expect(cluster.arrived).not.toContain('home');
  });

  const keys = fc.array(fc.nat(30), { minLength: 1, maxLength: 80 });
  test('come to one task per key, in order, and are acked back to where they came from', async () => {
    await fc.assert(
      fc.asyncProperty(
        keys,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        async (given, workers, tasks) => {
          const seen: { task: number; key: number; i: number }[] = [];
          const store = new Store();
          const cluster = await Cluster.start(
            (t) => {
              const mod = stepping((row, emit) => emit.out({ n: given[row.n]! * 1000 + row.n }));
              const { out } = t.bolt(
                'key',
                bolt<Numbered, { out: Keyed }>({
                  reads: Numbered,
                  emits: { out: Keyed },
                  process: ({ n }, emit) => emit.out({ key: `k${given[n]}`, n }),
                }),
                { from: t.spout('in', numbers(given.length)).shuffle(), worker: 0 },
              );
              const keyed = t.bolt(
                'by',
                bolt<Keyed, Out>({
                  reads: Keyed,
                  emits: { out: Numbered },
                  open: ({ task }) => ({
                    process(row, emit) {
                      seen.push({ task, key: Number(row.key.slice(1)), i: row.n });
                      emit.out(row);
                    },
                  }),
                }),
                { from: out.by('key'), tasks },
              );
              const last = t.bolt('last', mod, { from: keyed.out.shuffle() });
              t.sink('store', store.sink(), { from: last.out.shuffle() });
            },
            { workers },
          );
          await cluster.finish();
          const taskOf = new Map<number, number>();
          for (const { task, key } of seen)
            expect(taskOf.get(key) ?? task).toBe((taskOf.set(key, task), task));
          for (const key of given) {
            const order = seen.filter((row) => row.key === key).map(({ i }) => i);
            expect(order).toEqual(sorted(order));
          }
          expect(sorted(store.written)).toEqual(sorted(given.map((key, i) => key * 1000 + i)));
          expect([cluster.sum('in', 'acked'), cluster.sum('in', 'failed')]).toEqual([
            given.length,
            0,
          ]);
          expect(cluster.committed.get('in-0')!.counters.acked).toBe(given.length);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('go to every task with all(), to task 0 with global(), evenly with shuffle(), and where they say with direct() and custom()', async () => {
    const ways: [
      (stream: Stream<Numbered>) => Edge<Numbered, string>,
      (n: number) => number[] | null,
    ][] = [
      [(stream) => stream.all(), () => [0, 1, 2, 3]],
      [(stream) => stream.global(), () => [0]],
      [(stream) => stream.direct('n'), (n) => [n]],
      [(stream) => stream.custom(({ n }, tasks) => (n * 3) % tasks), (n) => [(n * 3) % 4]],
      [(stream) => stream.shuffle(), () => null],
    ];
    for (const [how, tasksOf] of ways) {
      const taken = new Map<number, number[]>();
      const store = new Store();
      const count = String(how).includes('direct') ? 4 : 40;
      const cluster = await Cluster.start(dealt(how, taken, store, count), { workers: 2 });
      await cluster.finish();
      for (const n of upTo(count))
        if (tasksOf(n) !== null) expect(sorted(taken.get(n)!)).toEqual(tasksOf(n));
      const loads = upTo(4).map(
        (task) => [...taken.values()].flat().filter((each) => each === task).length,
      );
      if (tasksOf(0) === null) expect(loads).toEqual([10, 10, 10, 10]);
      expect(cluster.sum('in', 'acked')).toBe(count);
      expect(cluster.sum('store', 'acked')).toBe(store.written.length);
    }
  });

  test('that name no task fail their message', async () => {
    for (const how of [
      (stream: Stream<Numbered>) => stream.direct('n'),
      (stream: Stream<Numbered>) =>
        stream.custom(({ n }) => n + 0.5 * (n === 2 ? 1 : 0) - (n === 1 ? 2 : 0)),
    ]) {
      const cluster = await Cluster.start(dealt(how, new Map(), new Store(), 6), {
        workers: 2,
        maxAttempts: 1,
      });
      await cluster.finish();
      const reasons = cluster.letters.map(({ reason }) => reason);
      expect(reasons.length).toBeGreaterThan(1);
      for (const reason of reasons)
        expect(reason).toEqual({ kind: 'failed', component: 'in', code: 'no-such-task' });
      expect(cluster.sum('in', 'acked') + reasons.length).toBe(6);
    }
  });

  test('fail back to where they came from, with the reason', async () => {
    const failing = stepping(() => {
      throw new TypeError(canary);
    });
    const cluster = await Cluster.start(
      (t) => {
        const { out } = t.bolt('far', failing, {
          from: t.spout('in', numbers(3), { worker: 0 }).shuffle(),
          worker: 1,
        });
        t.sink('store', new Store().sink(), { from: out.shuffle() });
      },
      { workers: 2, maxAttempts: 2 },
    );
    await cluster.finish();
    expect(cluster.letters.map(({ reason }) => reason)).toEqual(
      Array(3).fill({ kind: 'failed', component: 'far', code: 'TypeError' }),
    );
    expect(cluster.sum('in', 'replayed')).toBe(3);
  });

  test('are dead when process() has returned, also off the wire', async () => {
    const rows: { n: number }[] = [];
    const cluster = await Cluster.start(
      (t) => {
        const { out } = t.bolt(
          'far',
          stepping((row) => void rows.push(row)),
          { from: t.spout('in', numbers(2), { worker: 0 }).shuffle(), worker: 1 },
        );
        t.sink('store', new Store().sink(), { from: out.shuffle() });
      },
      { workers: 2 },
    );
    await cluster.finish();
    expect(() => rows[0]!.n).toThrow('A row was used after process() had returned.');
  });
});
