import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bolt, type Bolt } from '../../../topology/dsl/bolt.js';
import type { Hold } from '../../../topology/dsl/context.js';
import type { TopologyBuilder } from '../../../topology/dsl/topology.js';
import { Cluster, type ClusterOptions } from './cluster.js';
import {
  awaiting,
  chain,
  Deferred,
  numbers,
  Numbered,
  Source,
  stepping,
  Store,
  sorted,
  upTo,
  type Out,
} from './parts.js';

describe('a worker that dies', () => {
  const everywhere =
    (source: Source, store: Store, held: Map<number, Hold> | null = null) =>
    (t: TopologyBuilder): void => {
      const holding = bolt<Numbered, Out>({
        reads: Numbered,
        emits: { out: Numbered },
        open: (context) => ({
          process(row, emit) {
            if (held !== null) held.set(row.n, context.hold());
            emit.out(row);
          },
        }),
      });
      const { out } = t.bolt('far', holding, {
        from: t.spout('in', source.spout, { worker: 0 }).shuffle(),
        worker: 1,
      });
      t.sink('store', store.sink(), { from: out.shuffle(), worker: 1 });
    };

  test('has the messages that were with it failed at once and replayed when it is there again; spouts wait meanwhile', async () => {
    const source = new Source();
    const store = new Store();
    const held = new Map<number, Hold>();
    const cluster = await Cluster.start(everywhere(source, store, held), { workers: 2 });
    source.push(10);
    source.wake();
    await cluster.settle();
    expect(held.size).toBe(10);
    for (let n = 0; n < 5; n++) held.get(n)!.ack();
    await cluster.pass(200);
    expect(cluster.sum('in', 'acked')).toBe(5);
    held.clear();
    cluster.kill(1);
    source.push(10);
    source.wake();
    await cluster.pass(2000);
    expect([cluster.sum('in', 'failed'), cluster.sum('in', 'emitted'), held.size]).toEqual([
      5, 10, 0,
    ]);
    await cluster.restart(1);
    await cluster.settle();
    expect(sorted([...held.keys()])).toEqual(upTo(20).slice(5));
    for (const hold of held.values()) hold.ack();
    source.end();
    await cluster.finish();
    expect(cluster.letters).toEqual([]);
    expect(cluster.committed.get('in-0')!.counters).toEqual({
      emitted: 20,
      acked: 20,
      deadLetters: 0,
    });
  });

  test('has a row that comes too late for it failed at once', async () => {
    const source = new Source();
    const store = new Store();
    const away = new Deferred();
    const cluster = await Cluster.start(
      (t) => {
        const slow = awaiting(async (row, emit) => {
          await away.promise;
          emit.out(row);
        });
        const { out } = t.bolt('near', slow, {
          from: t.spout('in', source.spout, { worker: 0 }).shuffle(),
          worker: 0,
        });
        t.sink('far', store.sink(), { from: out.shuffle(), worker: 1 });
      },
      { workers: 2 },
    );
    source.push(1);
    source.wake();
    await cluster.settle();
    cluster.kill(1);
    away.resolve();
    await cluster.settle();
    expect([cluster.sum('in', 'failed'), cluster.sum('in', 'replayed')]).toEqual([1, 1]);
    await cluster.restart(1);
    source.end();
    await cluster.finish();
    expect(store.written).toEqual([0]);
  });

  test('takes nothing with it, whenever it dies', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ worker: fc.nat(2), afterMs: fc.nat(150) }), { maxLength: 4 }),
        async (deaths) => {
          const store = new Store();
          const options: ClusterOptions = { workers: 3, maxSpoutPending: 20, maxAttempts: 50 };
          const cluster = await Cluster.start((t) => {
            const { out } = t.bolt(
              'near',
              stepping((row, emit) => emit.out(row)),
              { from: t.spout('in', numbers(200), { worker: 0 }).shuffle() },
            );
            const far = t.bolt(
              'far',
              stepping((row, emit) => emit.out(row)),
              { from: out.by('n') },
            );
            t.sink('store', store.sink(), { from: far.out.by('n') as never, tasks: 3 });
          }, options);
          for (const { worker, afterMs } of deaths) {
            await cluster.pass(afterMs);
            cluster.kill(worker);
            await cluster.pass(50);
            await cluster.restart(worker);
          }
          await cluster.finish();
          expect(new Set(store.written)).toEqual(new Set(upTo(200)));
          expect(cluster.committed.get('in-0')!.counters).toEqual({
            emitted: 200,
            acked: 200,
            deadLetters: 0,
          });
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('spouts', () => {
  test('emit nothing before the start, nor while a peer is away', async () => {
    const store = new Store();
    const cluster = new Cluster(
      chain(
        numbers(3),
        stepping((row, emit) => emit.out(row)),
        store,
      ),
    );
    await cluster.open(0);
    const engine = cluster.engines[0]!;
    engine.pause(false);
    await cluster.pass(500);
    expect(store.written).toEqual([]);
    engine.pause(true);
    engine.start();
    await cluster.pass(500);
    expect(store.written).toEqual([]);
    engine.pause(false);
    await cluster.finish();
    expect(store.written).toEqual([0, 1, 2]);
  });

  test('share what may be pending, and go on as room comes', async () => {
    const store = new Store();
    const flush = new Deferred();
    store.flushes = [() => flush.promise];
    const cluster = await Cluster.start(
      (t) => {
        for (const name of ['a', 'b'])
          t.sink(`store-${name}`, store.sink(), { from: t.spout(name, numbers(50)).shuffle() });
      },
      { maxSpoutPending: 30 },
    );
    await cluster.settle();
    expect(store.written.length).toBe(30);
    const engine = cluster.engines[0]!;
    const { waitedMs } = engine.load;
    await cluster.pass(500);
    expect(engine.load).toEqual({ inFlight: 30, outboxBytes: 0, waitedMs: waitedMs + 500 });
    flush.resolve();
    await cluster.finish();
    expect(store.written.length).toBe(100);
    const ended = engine.load;
    await cluster.pass(500);
    expect(engine.load).toEqual({ ...ended, inFlight: 0 });
  });

  test('wait while more than 4 MiB are on the way to a worker that does not take it', async () => {
    const store = new Store();
    const cluster = await Cluster.start(
      (t) => {
        t.sink('far', store.sink(), {
          from: t.spout('in', numbers(400_000), { worker: 0 }).shuffle(),
          worker: 1,
        });
      },
      { workers: 2, maxSpoutPending: 400_000 },
    );
    cluster.stuck = true;
    await cluster.settle();
    const emitted = cluster.sum('in', 'emitted');
    // A row of one number takes 40 bytes.
    expect(emitted).toBeGreaterThan((4 * 1024 * 1024) / 40);
    expect(emitted).toBeLessThan((5 * 1024 * 1024) / 40);
    for (let turn = 0; turn < 10; turn++) {
      cluster.engines[0]!.pause(false);
      await cluster.settle();
    }
    expect(cluster.sum('in', 'emitted')).toBe(emitted);
    const [sender, receiver] = cluster.engines.map(({ load }) => load);
    expect(sender!.outboxBytes).toBeGreaterThan(4 * 1024 * 1024);
    await cluster.pass(100);
    expect(cluster.engines[0]!.load.waitedMs - sender!.waitedMs).toBe(100);
    expect(receiver).toEqual({ inFlight: 0, outboxBytes: 0, waitedMs: 0 });
    cluster.stuck = false;
    await cluster.finish();
    expect(store.written.length).toBe(400_000);
  });
});

describe('a message that is never done', () => {
  const never = bolt<Numbered, Out>({
    reads: Numbered,
    emits: { out: Numbered },
    keeps: true,
    process: () => new Promise<void>(() => {}),
  });

  test('times out, is replayed and given up', async () => {
    const cluster = await Cluster.start(chain(numbers(1), never, new Store()), {
      messageTimeoutMs: 1000,
      maxAttempts: 2,
    });
    await cluster.pass(1000);
    expect(cluster.sum('in', 'failed')).toBe(0);
    await cluster.pass(300);
    expect(cluster.sum('in', 'failed')).toBe(1);
    await cluster.until(() => cluster.quiet.size > 0);
    expect(cluster.letters.map(({ reason, attempts }) => ({ reason, attempts }))).toEqual([
      { reason: { kind: 'timeout' }, attempts: 2 },
    ]);
  });

  test('has the operator told, once, which component keeps its row, and what to do', async () => {
    const cluster = await Cluster.start(chain(numbers(2), never, new Store()), {
      messageTimeoutMs: 1000,
      maxAttempts: 2,
    });
    await cluster.pass(1000);
    expect(cluster.notices).toEqual([]);
    await cluster.until(() => cluster.quiet.size > 0);
    expect(cluster.notices).toEqual([
      expect.stringMatching(/time out after 1 s while it keeps rows .*raise --message-timeout/),
    ]);
  });

  test('does not time out while storage is stalled, and has its whole time when it goes on', async () => {
    const cluster = await Cluster.start(chain(numbers(1), never, new Store()), {
      messageTimeoutMs: 1000,
    });
    await cluster.pass(500);
    cluster.engines[0]!.stall(true);
    await cluster.pass(60_000);
    cluster.engines[0]!.stall(false);
    await cluster.pass(900);
    expect(cluster.sum('in', 'failed')).toBe(0);
    await cluster.pass(500);
    expect(cluster.sum('in', 'failed')).toBe(1);
  });

  test('times out after its time, however long storage had been stalled before', async () => {
    const source = new Source();
    const cluster = await Cluster.start(chain(source.spout, never, new Store()), {
      messageTimeoutMs: 1000,
    });
    cluster.engines[0]!.stall(true);
    await cluster.pass(60_000);
    cluster.engines[0]!.stall(false);
    await cluster.pass(2000);
    source.push(1);
    source.wake();
    await cluster.pass(1400);
    expect(cluster.sum('in', 'failed')).toBe(1);
  });
});

describe('closing', () => {
  test('goes level by level: what a bolt emits last reaches the bolts and sinks below it, in every worker', async () => {
    const closed: string[] = [];
    const store = new Store();
    /** Sums what it took and emits the sum when it is closed; waits until that is stored, or leaves it to the runtime. */
    const summing = (name: string, waits: boolean): Bolt<Numbered, Out> =>
      bolt<Numbered, Out>({
        reads: Numbered,
        emits: { out: Numbered },
        open(context) {
          let sum = 0;
          return {
            process: ({ n }) => void (sum += n),
            close: () =>
              new Promise((resolve) => {
                context.emitting(
                  (emit) => emit.out({ n: sum }),
                  () => {
                    closed.push(name);
                    resolve();
                  },
                  () => resolve(),
                );
                if (!waits) resolve();
              }),
          };
        },
      });
    const cluster = await Cluster.start(
      (t) => {
        const first = t.bolt('first', summing('first', true), {
          from: t.spout('in', numbers(100)).by('n'),
        });
        const second = t.bolt('second', summing('second', false), { from: first.out.by('n') });
        const third = t.bolt('third', summing('third', false), { from: second.out.global() });
        t.sink('store', store.sink(), { from: third.out.shuffle() });
      },
      { workers: 3 },
    );
    await cluster.finish();
    expect(closed).toEqual([...Array(3).fill('first'), ...Array(3).fill('second'), 'third']);
    expect(store.written).toEqual([4950]);
    expect(store.closed).toBe(true);
    expect(new Set(cluster.outputs)).toEqual(new Set(['stored']));
  });

  test('waits for rows that are held', async () => {
    const cluster = await Cluster.start(
      chain(
        numbers(1),
        bolt<Numbered, Out>({
          reads: Numbered,
          emits: { out: Numbered },
          open: (context) => ({ process: () => void setImmediate(context.hold().ack) }),
        }),
        new Store(),
      ),
    );
    await cluster.finish();
    expect(cluster.sum('in', 'acked')).toBe(1);
  });
});

test('a task that cannot be opened is named', async () => {
  const refusing = bolt<Numbered, Out>({
    reads: Numbered,
    emits: { out: Numbered },
    open: () => {
      throw new Error('no such database');
    },
  });
  const cluster = new Cluster(chain(numbers(1), refusing, new Store()));
  await expect(cluster.open(0)).rejects.toThrow('bolt: no such database');
});

test('what is warned of is told once, whoever says it again', async () => {
  const warning = bolt<Numbered, Out>({
    reads: Numbered,
    emits: { out: Numbered },
    open: ({ warn }) => ({ process: ({ n }) => warn(n < 3 ? 'again' : `text ${n}`) }),
  });
  const cluster = await Cluster.start(chain(numbers(5000), warning, new Store()));
  await cluster.finish();
  expect(cluster.notices.slice(0, 3)).toEqual(['bolt: again', 'bolt: text 3', 'bolt: text 4']);
  // A component that puts a number into its warning must not fill the memory.
  expect(cluster.notices.length).toBe(1000);
});
