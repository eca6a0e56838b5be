import { describe, expect, test } from '@jest/globals';
import { bolt, type Bolt } from '../../../topology/dsl/bolt.js';
import type { Hold } from '../../../topology/dsl/context.js';
import { reject } from '../../../topology/dsl/reject.js';
import { sink } from '../../../topology/dsl/sink.js';
import { int, text } from '../../../topology/rows/field.js';
import { schema } from '../../../topology/rows/schema.js';
import { rowsSpout } from '../../../runtime/testing/rows-spout.js';
import { Cluster } from './cluster.js';
import {
  awaiting,
  canary,
  chain,
  Deferred,
  numbers,
  Numbered,
  opening,
  stepping,
  Store,
  type Out,
} from './parts.js';

const run = (
  middle: Bolt<Numbered, Out>,
  store: Store,
  count = 1,
  maxAttempts = 2,
): Promise<Cluster> => Cluster.start(chain(numbers(count), middle, store), { maxAttempts });

/** Reason and number of attempts of each dead letter. */
const ends = ({ letters }: Cluster) =>
  letters.map(({ reason, attempts }) => ({ ...reason, attempts }));
const figures = (cluster: Cluster, component: string) => ({
  executed: cluster.sum(component, 'executed'),
  acked: cluster.sum(component, 'acked'),
  failed: cluster.sum(component, 'failed'),
});

describe('a bolt that throws', () => {
  const throwing: [string, Bolt<Numbered, Out>][] = [
    [
      'at once',
      stepping(() => {
        throw new TypeError(canary);
      }),
    ],
    [
      'at once, though it keeps its rows',
      awaiting(() => {
        throw new TypeError(canary);
      }),
    ],
    [
      'after it awaited',
      awaiting(async () => {
        await Promise.resolve();
        throw new TypeError(canary);
      }),
    ],
  ];
  test.each(throwing)(
    '%s has its rows replayed and then given up, and the operator told once, without a value',
    async (_, middle) => {
      const cluster = await run(middle, new Store(), 3);
      await cluster.finish();
      expect(ends(cluster)).toEqual(
        Array(3).fill({ kind: 'failed', component: 'bolt', code: 'TypeError', attempts: 2 }),
      );
      expect(cluster.notices).toEqual(['bolt: threw TypeError']);
      expect(
        JSON.stringify([cluster.notices, cluster.letters.map(({ reason }) => reason)]),
      ).not.toContain(canary);
      expect(figures(cluster, 'bolt')).toEqual({ executed: 6, acked: 0, failed: 6 });
    },
  );
});

describe('a bolt that rejects', () => {
  const rejecting: [string, Bolt<Numbered, Out>][] = [
    ['at once', stepping(() => reject('no good'))],
    ['at once, though it keeps its rows', awaiting(() => reject('no good'))],
    [
      'after it awaited',
      awaiting(async () => {
        await Promise.resolve();
        reject('no good');
      }),
    ],
  ];
  test.each(rejecting)(
    '%s has its row given up without a replay, with the reason, and tells nobody else',
    async (_, middle) => {
      const cluster = await run(middle, new Store());
      await cluster.finish();
      expect(ends(cluster)).toEqual([
        { kind: 'rejected', component: 'bolt', reason: 'no good', attempts: 1 },
      ]);
      expect(cluster.notices).toEqual([]);
      expect(figures(cluster, 'bolt')).toEqual({ executed: 1, acked: 0, failed: 1 });
    },
  );
});

test('a bolt that emits when process() has returned is refused, and nothing of it is stored', async () => {
  const refused: unknown[] = [];
  const emits: (() => void)[] = [];
  const store = new Store();
  const cluster = await run(
    stepping((row, emit) => {
      const { n } = row;
      emits.push(() => emit.out({ n }));
    }),
    store,
  );
  await cluster.finish();
  for (const emit of emits) {
    try {
      emit();
    } catch (error) {
      refused.push(error);
    }
  }
  expect(refused).toHaveLength(emits.length);
  expect(String(refused[0])).toMatch(/emitted when process\(\) had returned. Declare keeps: true/);
  expect(store.written).toEqual([]);
});

test('a bolt that returns a promise and does not keep its rows has them failed, and is told what to declare', async () => {
  const misused = stepping((async () => {
    throw new Error('unseen');
  }) as () => void);
  const cluster = await run(misused, new Store());
  await cluster.finish();
  expect(ends(cluster)).toEqual([
    { kind: 'failed', component: 'bolt', code: 'async-without-keeps', attempts: 2 },
  ]);
  expect(cluster.notices).toEqual([
    'bolt: process() returned a promise; declare keeps: true, as a row dies when process() returns.',
  ]);
  expect(figures(cluster, 'bolt')).toEqual({ executed: 2, acked: 0, failed: 2 });
});

describe('what a bolt emits hangs on the message of its row', () => {
  const emitting: [string, Bolt<Numbered, Out>][] = [
    ['when it is called', stepping((row, emit) => emit.out(row))],
    ['when it keeps rows and does not await', awaiting((row, emit) => emit.out(row))],
    [
      'before it awaits',
      awaiting(async (row, emit) => {
        emit.out(row);
        await Promise.resolve();
      }),
    ],
    [
      'after it awaited',
      awaiting(async (row, emit) => {
        await Promise.resolve();
        emit.out(row);
      }),
    ],
    [
      'before and after',
      awaiting(async (row, emit) => {
        emit.out(row);
        await Promise.resolve();
        emit.out(row);
      }),
    ],
    [
      'by the batch',
      bolt<Numbered, Out>({
        reads: Numbered,
        emits: { out: Numbered },
        processBatch: (rows, emit) => rows.forEach((row) => emit.out(row)),
      }),
    ],
    [
      'by the batch, after it awaited',
      bolt<Numbered, Out>({
        reads: Numbered,
        emits: { out: Numbered },
        async processBatch(rows, emit) {
          await Promise.resolve();
          rows.forEach((row) => emit.out(row));
        },
      }),
    ],
  ];
  test.each(emitting)('%s', async (_, middle) => {
    const store = new Store();
    const flush = new Deferred();
    store.flushes = [() => flush.promise];
    const cluster = await run(middle, store, 2);
    await cluster.pass(1000);
    expect(store.written.length).toBeGreaterThanOrEqual(2);
    expect(cluster.sum('in', 'acked')).toBe(0);
    flush.resolve();
    await cluster.finish();
    expect(cluster.sum('in', 'acked')).toBe(2);
    expect(new Set(store.written)).toEqual(new Set([0, 1]));
    expect(cluster.letters).toEqual([]);
  });

  test('also when it is emitted through another that keeps rows, and only one of both awaits', async () => {
    const store = new Store();
    const flush = new Deferred();
    store.flushes = [() => flush.promise];
    const cluster = await Cluster.start((t) => {
      const { out } = t.bolt(
        'outer',
        awaiting((row, emit) => {
          emit.out(row);
          emit.out(row);
        }),
        { from: t.spout('in', numbers(2)).shuffle() },
      );
      const inner = t.bolt(
        'inner',
        awaiting(async (row, emit) => {
          emit.out(row);
          await Promise.resolve();
          emit.out(row);
        }),
        { from: out.shuffle() },
      );
      t.sink('store', store.sink(), { from: inner.out.shuffle() });
    });
    await cluster.pass(1000);
    expect(store.written).toEqual([0, 0, 1, 1, 0, 0, 1, 1]);
    expect(cluster.sum('in', 'acked')).toBe(0);
    flush.resolve();
    await cluster.finish();
    expect(cluster.sum('in', 'acked')).toBe(2);
  });
});

describe('a bolt that keeps rows', () => {
  test('may emit only until its promise is settled', async () => {
    const store = new Store();
    const late: unknown[] = [];
    const cluster = await run(
      awaiting(async (row, emit) => {
        void Promise.resolve()
          .then(() => Promise.resolve())
          .then(() => Promise.resolve())
          .then(() => {
            try {
              emit.out(row);
            } catch (error) {
              late.push(error);
            }
          });
      }),
      store,
    );
    await cluster.finish();
    expect(late).toEqual([
      expect.objectContaining({
        name: 'RowError',
        message: 'A row was emitted after its input was done.',
      }),
    ]);
    expect(store.written).toEqual([]);
  });

  test('fails its own row alone when what it emits does not fit, whatever is at work meanwhile', async () => {
    const store = new Store();
    const wrong = awaiting((row, emit) => emit.out(row.n === 1 ? { n: 0.5 } : row));
    const cluster = await Cluster.start(
      (t) => {
        const { out } = t.bolt(
          'around',
          stepping((row, emit) => emit.out(row)),
          { from: t.spout('in', numbers(3)).shuffle() },
        );
        const { out: kept } = t.bolt('bolt', wrong, { from: out.shuffle() });
        t.sink('store', store.sink(), { from: kept.shuffle() });
      },
      { maxAttempts: 1 },
    );
    await cluster.finish();
    expect(ends(cluster)).toEqual([
      { kind: 'failed', component: 'bolt', code: 'RowError', attempts: 1 },
    ]);
    expect(store.written).toEqual([0, 2]);
    expect(figures(cluster, 'around')).toEqual({ executed: 3, acked: 3, failed: 0 });
    expect(figures(cluster, 'bolt')).toEqual({ executed: 3, acked: 2, failed: 1 });
  });
});

describe('a row that is held', () => {
  test('is done when the hold is acked, and counted then', async () => {
    const holds: Hold[] = [];
    const cluster = await run(
      opening((context) => () => void holds.push(context.hold())),
      new Store(),
      2,
    );
    await cluster.pass(1000);
    expect(figures(cluster, 'bolt')).toEqual({ executed: 2, acked: 0, failed: 0 });
    for (const hold of holds) hold.ack();
    await cluster.finish();
    expect(figures(cluster, 'bolt')).toEqual({ executed: 2, acked: 2, failed: 0 });
    expect(cluster.sum('in', 'acked')).toBe(2);
  });

  test('is replayed when the hold is failed, with its code', async () => {
    const cluster = await run(
      opening((context) => () => context.hold().fail('database-away')),
      new Store(),
    );
    await cluster.finish();
    expect(ends(cluster)).toEqual([
      { kind: 'failed', component: 'bolt', code: 'database-away', attempts: 2 },
    ]);
    expect(figures(cluster, 'bolt')).toEqual({ executed: 2, acked: 0, failed: 2 });
  });

  test('can be settled once', async () => {
    let hold!: Hold;
    const cluster = await run(
      opening((context) => () => void (hold = context.hold())),
      new Store(),
    );
    await cluster.settle();
    hold.ack();
    expect(() => hold.ack()).toThrow('A row was settled twice.');
    expect(() => hold.fail('late')).toThrow('A row was settled twice.');
    await cluster.finish();
    expect(cluster.sum('in', 'acked')).toBe(1);
  });

  test('must be the one at hand', async () => {
    let hold!: () => Hold;
    const cluster = await run(
      opening((context) => {
        hold = () => context.hold();
        return () => {};
      }),
      new Store(),
    );
    await cluster.settle();
    expect(hold).toThrow('hold() was called outside of process().');
    await cluster.finish();
  });
});

describe('a batch', () => {
  const batching = (
    processBatch: (
      rows: readonly { n: number }[],
      emit: { out: (row: { n: number }) => void },
    ) => void | Promise<void>,
  ): Bolt<Numbered, Out> =>
    bolt<Numbered, Out>({ reads: Numbered, emits: { out: Numbered }, processBatch });

  test('holds what a turn brought, at most 256 rows, each once and in order', async () => {
    const batches: number[][] = [];
    const cluster = await run(
      batching((rows) => void batches.push(rows.map(({ n }) => n))),
      new Store(),
      600,
    );
    await cluster.finish();
    expect(batches.map(({ length }) => length)).toEqual([256, 256, 88]);
    expect(batches.flat()).toEqual(Array.from({ length: 600 }, (_, n) => n));
    expect(figures(cluster, 'bolt')).toEqual({ executed: 600, acked: 600, failed: 0 });
  });

  test('has all of its rows replayed when something that it emitted fails', async () => {
    const store = new Store();
    let failures = 1;
    store.write = (n) => {
      if (n === 1 && failures-- > 0) throw new Error(canary);
    };
    const cluster = await run(
      batching((rows, emit) => rows.forEach((row) => emit.out({ n: row.n }))),
      store,
      3,
    );
    await cluster.finish();
    expect(store.written).toEqual([0, 1, 2, 0, 1, 2]);
    expect(cluster.sum('in', 'replayed')).toBe(3);
    expect(cluster.sum('in', 'acked')).toBe(3);
    expect(figures(cluster, 'bolt')).toEqual({ executed: 6, acked: 3, failed: 3 });
  });

  const broken: [string, () => void | Promise<void>][] = [
    [
      'throws',
      () => {
        throw new RangeError(canary);
      },
    ],
    [
      'rejects its promise',
      async () => {
        await Promise.resolve();
        throw new RangeError(canary);
      },
    ],
  ];
  test.each(broken)('that %s fails its rows, each counted once', async (_, processBatch) => {
    const cluster = await run(batching(processBatch), new Store(), 3);
    await cluster.finish();
    expect(ends(cluster)).toEqual(
      Array(3).fill({ kind: 'failed', component: 'bolt', code: 'RangeError', attempts: 2 }),
    );
    expect(figures(cluster, 'bolt')).toEqual({ executed: 6, acked: 0, failed: 6 });
  });
});

describe('emitting', () => {
  interface Emitting {
    cluster: Cluster;
    emit: (run: (emit: { out: (row: { n: number }) => void }) => void) => void;
    told: string[];
  }
  async function start(store: Store, options = {}): Promise<Emitting> {
    const told: string[] = [];
    let emit!: Emitting['emit'];
    const hold = new Deferred();
    const cluster = await Cluster.start(
      chain(
        numbers(1),
        bolt<Numbered, Out>({
          reads: Numbered,
          emits: { out: Numbered },
          open(context) {
            emit = (run) =>
              context.emitting(
                run,
                () => told.push('done'),
                (code) => told.push(code),
              );
            return { process: () => {}, close: () => hold.promise };
          },
        }),
        store,
      ),
      options,
    );
    await cluster.settle();
    hold.resolve();
    return { cluster, emit, told };
  }

  test('is done when all that was emitted is stored', async () => {
    const store = new Store();
    const flush = new Deferred();
    store.flushes = [() => flush.promise];
    const { cluster, emit, told } = await start(store);
    emit(({ out }) => {
      out({ n: 1 });
      out({ n: 2 });
    });
    await cluster.pass(500);
    expect(store.written).toEqual([1, 2]);
    expect(told).toEqual([]);
    flush.resolve();
    await cluster.finish();
    expect(told).toEqual(['done']);
  });

  test('is done at once when nothing was emitted', async () => {
    const { cluster, emit, told } = await start(new Store());
    emit(() => {});
    expect(told).toEqual(['done']);
    await cluster.finish();
  });

  test('has failed when a row fails, when it throws, and when it takes too long; nothing is replayed', async () => {
    const store = new Store();
    store.write = (n) => {
      if (n === 1) throw new TypeError(canary);
    };
    store.flushes = [() => Promise.resolve(), () => new Promise(() => {})];
    const { cluster, emit, told } = await start(store, { messageTimeoutMs: 1000 });
    emit(({ out }) => out({ n: 1 }));
    emit(() => {
      throw new RangeError(canary);
    });
    expect(told).toEqual(['TypeError', 'RangeError']);
    emit(({ out }) => out({ n: 2 }));
    await cluster.pass(200);
    emit(({ out }) => out({ n: 3 }));
    await cluster.pass(1500);
    expect(told).toEqual(['TypeError', 'RangeError', 'done', 'timeout']);
    expect(store.written).toEqual([1, 2, 3]);
    expect(cluster.notices.join()).not.toContain(canary);
  });

  test('hands over what a row that waited for it is to fail with: as it did itself', async () => {
    const store = new Store();
    store.write = (n) => {
      if (n === 1) reject('no good');
      if (n === 2) throw new TypeError(canary);
    };
    const waiting = bolt<Numbered, Out>({
      reads: Numbered,
      emits: { out: Numbered },
      keeps: true,
      open: (context) => ({
        process: (row) =>
          new Promise<void>((done, failed) => {
            context.emitting(
              (emit) => emit.out({ n: row.n }),
              done,
              (_, error) => failed(error),
            );
          }),
      }),
    });
    const cluster = await Cluster.start(chain(numbers(4), waiting, store), { maxAttempts: 2 });
    await cluster.finish();
    expect(cluster.letters.map(({ reason, attempts }) => ({ ...reason, attempts }))).toEqual([
      { kind: 'rejected', component: 'store', reason: 'no good', attempts: 1 },
      { kind: 'failed', component: 'store', code: 'TypeError', attempts: 2 },
    ]);
    expect(cluster.sum('in', 'acked')).toBe(2);
    // Told by the sink alone.
    expect(cluster.notices).toEqual([expect.stringMatching(/^store: threw TypeError/)]);
  });

  test('has failed at once when too much is pending', async () => {
    const store = new Store();
    store.flushes = [() => new Promise(() => {})];
    const { emit, told } = await start(store, { maxSpoutPending: 1 });
    for (let n = 0; n < 5000; n++) emit(({ out }) => out({ n }));
    expect(told.length).toBeGreaterThan(500);
    expect(new Set(told)).toEqual(new Set(['ledger-full']));
    expect(store.written.length + told.length).toBe(5000);
  });

  test('may throw in its call back: whoever acked is not to blame', async () => {
    const store = new Store();
    const cluster = await Cluster.start(
      chain(
        numbers(5),
        opening((context) => (row, emit) => {
          context.emitting(
            () => emit.out({ n: row.n + 10 }),
            () => {
              throw new TypeError(canary);
            },
            () => {},
          );
          emit.out(row);
        }),
        store,
      ),
    );
    await cluster.finish();
    expect(cluster.sum('in', 'acked')).toBe(5);
    expect(cluster.sum('store', 'acked')).toBe(10);
    expect(cluster.notices).toEqual([
      expect.stringMatching(/^bolt: after emitting: threw TypeError/),
    ]);
  });
});

describe('every', () => {
  test('calls once a period, and once more before the task is closed, when all its rows are done', async () => {
    const calls: string[] = [];
    const store = new Store();
    store.flushes = [() => new Promise((resolve) => setTimeout(resolve, 1))];
    const middle = bolt<Numbered, Out>({
      reads: Numbered,
      emits: { out: Numbered },
      open(context) {
        context.every(100, () => calls.push(`at ${context.now()}`));
        return {
          process: (row, emit) => emit.out(row),
          async close() {
            // Virtual time passes meanwhile.
            for (let i = 0; i < 200; i++) await new Promise(setImmediate);
            calls.push('close');
          },
        };
      },
    });
    const cluster = await run(middle, store);
    await cluster.pass(350);
    expect(calls).toEqual(['at 100', 'at 200', 'at 300']);
    await cluster.finish();
    expect(calls.length).toBe(5);
    expect(calls.at(-1)).toBe('close');
    await cluster.pass(1000);
    expect(calls.length).toBe(5);
  });

  const broken: [string, () => void][] = [
    [
      'throws',
      () => {
        throw new TypeError(canary);
      },
    ],
    [
      'rejects',
      (async () => {
        await Promise.resolve();
        throw new TypeError(canary);
      }) as () => void,
    ],
  ];
  test.each(broken)('goes on when a call %s, and tells the operator once', async (_, call) => {
    let calls = 0;
    const cluster = await run(
      opening((context) => {
        context.every(100, () => {
          calls++;
          return call();
        });
        return (row, emit) => emit.out(row);
      }),
      new Store(),
    );
    await cluster.pass(1000);
    expect(calls).toBe(10);
    await cluster.finish();
    expect(cluster.notices).toEqual([
      expect.stringMatching(/^bolt: in a call of every\(\): threw TypeError/),
    ]);
    expect(cluster.sum('in', 'acked')).toBe(1);
  });
});

describe('a bolt sees the fields that it declared', () => {
  const Wide = schema('wide', { host: text(), size: int(), n: int() });
  const rows = [{ n: 1, host: 'a', size: 2 }];
  const seen = (row: object): string[] => Object.keys((row as { toObject(): object }).toObject());
  const Reads = Numbered;
  const ways = {
    'row by row': (see: (row: object) => void) =>
      bolt<Numbered, Out>({
        reads: Reads,
        emits: { out: Numbered },
        process: (row, emit) => {
          see(row);
          emit.out(row);
        },
      }),
    kept: (see: (row: object) => void) =>
      bolt<Numbered, Out>({
        reads: Reads,
        emits: { out: Numbered },
        keeps: true,
        process: (row, emit) => {
          see(row);
          emit.out(row);
        },
      }),
    'by the batch': (see: (row: object) => void) =>
      bolt<Numbered, Out>({
        reads: Reads,
        emits: { out: Numbered },
        processBatch: (batch, emit) =>
          batch.forEach((row) => {
            see(row);
            emit.out(row);
          }),
      }),
  };
  test.each(Object.entries(ways))('%s, and no others, while a sink sees all', async (_, make) => {
    const atBolt: string[][] = [];
    const atSink: object[] = [];
    const cluster = await Cluster.start((t) => {
      const wide = t.spout('in', rowsSpout(Wide, rows));
      const passed = t.bolt(
        'pass',
        bolt({
          reads: Wide,
          emits: { wide: Wide },
          process: (row, emit) => emit.wide.from(row, { host: 'b' }),
        }),
        { from: wide.shuffle() as never },
      );
      const { out } = t.bolt(
        'narrow',
        make((row) => {
          atBolt.push(seen(row));
          expect((row as { host?: unknown; $host?: unknown }).host).toBeUndefined();
          expect((row as { host?: unknown; $host?: unknown }).$host).toBeUndefined();
        }),
        { from: passed.wide.shuffle() as never },
      );
      const all = sink<{ n: number }>({
        kind: 'all',
        open: () => ({ write: (row) => void atSink.push(row.toObject()) }),
      });
      t.sink('wide', all, { from: passed.wide.shuffle() as never });
      t.sink('out', all, { from: out.shuffle() as never });
    });
    await cluster.finish();
    expect(atBolt).toEqual([['n']]);
    expect(atSink).toHaveLength(2);
    expect(atSink).toEqual(expect.arrayContaining([{ n: 1 }, { n: 1, host: 'b', size: 2 }]));
  });
});
