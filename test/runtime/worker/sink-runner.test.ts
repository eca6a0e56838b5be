import { describe, expect, test } from '@jest/globals';
import type { SinkContext } from '../../../topology/dsl/context.js';
import { sink, type Sink } from '../../../topology/dsl/sink.js';
import { Cluster, type ClusterOptions } from './cluster.js';
import { canary, Deferred, numbers, Numbered, Source, Store } from './parts.js';

const run = (
  store: Store,
  count: number,
  { flush = true, ...options }: ClusterOptions & { flush?: boolean } = {},
): Promise<Cluster> =>
  Cluster.start(
    (t) =>
      t.sink('store', store.sink({ flush }), { from: t.spout('in', numbers(count)).shuffle() }),
    { maxAttempts: 2, ...options },
  );

const noSpace = (): Promise<void> =>
  Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
const ends = ({ letters }: Cluster) =>
  letters.map(({ reason, attempts }) => ({ ...reason, attempts }));

describe('rows of a sink that flushes', () => {
  test('are acked when the flush has resolved, and not before', async () => {
    const store = new Store();
    const flush = new Deferred();
    store.flushes = [() => flush.promise];
    const cluster = await run(store, 3);
    await cluster.pass(5000);
    expect(store.written).toEqual([0, 1, 2]);
    expect([cluster.sum('in', 'acked'), cluster.sum('store', 'acked')]).toEqual([0, 0]);
    flush.resolve();
    await cluster.finish();
    expect([cluster.sum('in', 'acked'), cluster.sum('store', 'acked')]).toEqual([3, 3]);
    expect(store.flushed).toBe(1);
  });

  test('that are written while a flush is under way wait for the next', async () => {
    const store = new Store();
    const [first, second] = [new Deferred(), new Deferred()];
    store.flushes = [() => first.promise, () => second.promise];
    const cluster = await run(store, 3, { maxSpoutPending: 2 });
    await cluster.pass(200);
    expect(store.written).toEqual([0, 1]);
    first.resolve();
    await cluster.pass(200);
    expect(store.written).toEqual([0, 1, 2]);
    expect(cluster.sum('in', 'acked')).toBe(2);
    second.resolve();
    await cluster.finish();
    expect(cluster.sum('in', 'acked')).toBe(3);
  });

  test('wait as long as the disk is full, untouched, and are stored when there is room', async () => {
    const store = new Store();
    store.flushes = [noSpace, noSpace, noSpace];
    const cluster = await run(store, 3);
    await cluster.pass(400);
    expect([cluster.sum('in', 'acked'), cluster.sum('in', 'failed')]).toEqual([0, 0]);
    expect(cluster.stalls).toEqual(['ENOSPC']);
    await cluster.finish();
    expect(cluster.stalls).toEqual(['ENOSPC', null]);
    expect(store.flushed).toBe(4);
    expect(store.written).toEqual([0, 1, 2]);
    expect(cluster.sum('in', 'acked')).toBe(3);
  });

  test('are failed and replayed when the flush fails for another reason', async () => {
    const store = new Store();
    store.flushes = [() => Promise.reject(Object.assign(new Error(canary), { code: 'EACCES' }))];
    const cluster = await run(store, 2);
    await cluster.settle();
    expect(cluster.sum('in', 'replayed')).toBe(2);
    await cluster.finish();
    expect(store.written).toEqual([0, 1, 0, 1]);
    expect([cluster.sum('in', 'replayed'), cluster.sum('in', 'acked')]).toEqual([2, 2]);
    expect([
      cluster.sum('store', 'executed'),
      cluster.sum('store', 'failed'),
      cluster.sum('store', 'acked'),
    ]).toEqual([4, 2, 2]);
    expect(cluster.notices).toEqual(['store: flush threw EACCES']);
  });

  test('that a flush refuses become dead letters with its reasons, the others are acked', async () => {
    const store = new Store();
    const first = new Deferred();
    store.flushes = [
      () => first.promise.then(() => new Map([[1, 'too large']])),
      async () => new Map([[0, 'wrong type']]),
    ];
    const cluster = await run(store, 5, { maxSpoutPending: 3 });
    await cluster.pass(200);
    first.resolve();
    await cluster.finish();
    expect(cluster.letters.map(({ origin }) => origin)).toEqual([{ row: 1 }, { row: 3 }]);
    expect(ends(cluster)).toEqual([
      { kind: 'rejected', component: 'store', reason: 'too large', attempts: 1 },
      { kind: 'rejected', component: 'store', reason: 'wrong type', attempts: 1 },
    ]);
    expect([cluster.sum('store', 'acked'), cluster.sum('store', 'failed')]).toEqual([3, 2]);
    expect(cluster.sum('in', 'acked')).toBe(3);
  });

  test('fail alone when they cannot be written', async () => {
    const store = new Store();
    store.write = (n) => {
      if (n === 1) throw new TypeError(canary);
    };
    const cluster = await run(store, 3);
    await cluster.finish();
    expect(ends(cluster)).toEqual([
      { kind: 'failed', component: 'store', code: 'TypeError', attempts: 2 },
    ]);
    expect([cluster.sum('store', 'acked'), cluster.sum('store', 'failed')]).toEqual([2, 2]);
    expect(cluster.sum('in', 'acked')).toBe(2);
  });

  test('are done when a promise of their own is settled, too', async () => {
    const store = new Store();
    const writing = new Deferred();
    store.write = (n) => (n === 0 ? writing.promise : undefined);
    const cluster = await run(store, 2);
    await cluster.pass(1000);
    expect(cluster.sum('in', 'acked')).toBe(1);
    writing.resolve();
    await cluster.finish();
    expect(cluster.sum('in', 'acked')).toBe(2);
  });

  test('are flushed together: 100 ms after the first, or when 4 MiB wait', async () => {
    const store = new Store();
    const source = new Source();
    store.write = () => 1024 * 1024;
    const cluster = await Cluster.start((t) =>
      t.sink('store', store.sink(), { from: t.spout('in', source.spout).shuffle() }),
    );
    source.push(3);
    source.wake();
    await cluster.pass(90);
    expect([store.written.length, store.flushed]).toEqual([3, 0]);
    await cluster.pass(20);
    expect(store.flushed).toBe(1);
    source.push(5);
    source.wake();
    await cluster.settle();
    expect([store.written.length, store.flushed]).toEqual([8, 2]);
    expect(cluster.sum('in', 'acked')).toBe(7);
    source.end();
    await cluster.finish();
    expect(store.flushed).toBe(3);
  });
});

describe('rows of a sink that does not flush', () => {
  test('are stored when write returns', async () => {
    const store = new Store();
    const cluster = await run(store, 2, { flush: false });
    await cluster.settle();
    expect([cluster.sum('in', 'acked'), cluster.sum('store', 'acked')]).toEqual([2, 2]);
    await cluster.finish();
  });

  test('are stored when the promise of write resolves, and failed when it rejects', async () => {
    const store = new Store();
    const [first, second] = [new Deferred(), new Deferred()];
    const writes = [first.promise, second.promise];
    store.write = (n) => writes[n];
    const cluster = await run(store, 2, { flush: false, maxAttempts: 1 });
    await cluster.pass(100);
    expect(cluster.sum('in', 'acked')).toBe(0);
    first.resolve();
    second.reject(new TypeError(canary));
    await cluster.finish();
    expect([
      cluster.sum('in', 'acked'),
      cluster.sum('store', 'acked'),
      cluster.sum('store', 'failed'),
    ]).toEqual([1, 1, 1]);
    expect(ends(cluster)).toEqual([
      { kind: 'failed', component: 'store', code: 'TypeError', attempts: 1 },
    ]);
  });
});

/** A sink whose rows are stored when the test says so. */
function slow(full: (waiting: number) => boolean): {
  readonly waiting: Deferred[];
  readonly contexts: SinkContext[];
  readonly sink: Sink<{ n: number }>;
} {
  const waiting: Deferred[] = [];
  const contexts: SinkContext[] = [];
  const write = (): Promise<void> => {
    const stored = new Deferred();
    waiting.push(stored);
    return stored.promise;
  };
  const open = (context: SinkContext) => {
    contexts.push(context);
    return { write, full: () => full(waiting.length) };
  };
  return { waiting, contexts, sink: sink<{ n: number }>({ kind: 'slow', open }) };
}

test('while a sink is full its spouts wait', async () => {
  const store = slow((waiting) => waiting > 0);
  const cluster = await Cluster.start(
    (t) => t.sink('store', store.sink, { from: t.spout('in', numbers(3000)).shuffle() }),
    { maxSpoutPending: 5000 },
  );
  await cluster.pass(1000);
  const taken = store.waiting.length;
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThan(3000);
  while (cluster.sum('in', 'acked') < 3000) {
    for (const stored of store.waiting.splice(0)) stored.resolve();
    await cluster.pass(100);
  }
  await cluster.finish();
});

test('a sink can say that it cannot store for now, and that it can again', async () => {
  const store = slow(() => false);
  const cluster = await Cluster.start((t) =>
    t.sink('store', store.sink, { from: t.spout('in', numbers(1)).shuffle() }),
  );
  await cluster.pass(100);
  store.contexts[0]!.stalled('away');
  store.contexts[0]!.stalled(null);
  expect(cluster.stalls).toEqual(['away', null]);
  store.waiting[0]!.resolve();
  await cluster.finish();
});

test('a sink is closed when all that it was given is stored, waits for room if it must, and names its outputs', async () => {
  const closes = [noSpace, () => Promise.resolve()];
  const seen: string[] = [];
  const closing = sink<{ n: number }>({
    kind: 'closing',
    open: () => ({
      write: () => void seen.push('write'),
      flush: async () => void seen.push('flush'),
      close: () => {
        seen.push('close');
        return closes.shift()!();
      },
      outputs: () => ['a', 'b'],
    }),
  });
  const cluster = await Cluster.start((t) =>
    t.sink('store', closing, { from: t.spout('in', numbers(1)).shuffle() }),
  );
  await cluster.finish();
  expect(seen).toEqual(['write', 'flush', 'close', 'close']);
  expect(cluster.outputs).toEqual(['a', 'b']);
});

test('a sink knows the schema of its rows', async () => {
  let reads: unknown;
  const knowing = sink<{ n: number }>({
    kind: 'knowing',
    open: (context) => ((reads = context.reads), { write: () => undefined }),
  });
  const cluster = await Cluster.start((t) =>
    t.sink('store', knowing, { from: t.spout('in', numbers(1)).shuffle() }),
  );
  await cluster.finish();
  expect(reads).toBe(Numbered);
});
