/** Pipes in a running topology, with virtual time. */
import { describe, expect, test } from '@jest/globals';
import * as rxjs from 'rxjs';
import {
  anchored,
  bufferCount,
  bufferTime,
  filter,
  map,
  mergeMap,
  rx,
  type Operator,
} from '../../../bolts/rx/index.js';
import { feed } from '../../../runtime/testing/index.js';
import { reject } from '../../../topology/dsl/reject.js';
import { int, pii, text } from '../../../topology/rows/field.js';
import { schema } from '../../../topology/rows/schema.js';
import { Cluster } from '../../runtime/worker/cluster.js';
import { chain, Numbered, numbers, opening, Source, Store } from '../../runtime/worker/parts.js';

type Step = Operator<Numbered, Numbered>;

const piped = (step: Step) =>
  rx({ reads: Numbered, emits: { out: Numbered }, pipe: (rows) => ({ out: rows.pipe(step) }) });

const flat = mergeMap((all: readonly Numbered[]) => all);
const buffered: Step = (rows) => rows.pipe(bufferTime('1s'), flat);

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const figures = (cluster: Cluster) => ({
  acked: cluster.sum('in', 'acked'),
  replayed: cluster.sum('in', 'replayed'),
  letters: cluster.letters.length,
});

describe('a message', () => {
  test('is acked when the buffer that its row is in was stored, by the time of the bolt', async () => {
    const source = new Source();
    const store = new Store();
    const cluster = await Cluster.start(chain(source.spout, piped(buffered), store));
    source.push(3);
    await cluster.pass(900);
    expect(store.written).toEqual([]);
    expect(cluster.sum('in', 'acked')).toBe(0);
    await cluster.pass(600);
    expect(store.written).toEqual([0, 1, 2]);
    expect(cluster.sum('in', 'acked')).toBe(3);
    source.end();
    await cluster.finish();
    expect(figures(cluster)).toEqual({ acked: 3, replayed: 0, letters: 0 });
  });

  test('is replayed when the buffer could not be stored', async () => {
    const store = new Store();
    store.flushes = [() => Promise.reject(new Error('made up'))];
    const cluster = await Cluster.start(chain(numbers(2), piped(buffered), store));
    await cluster.finish();
    expect(store.written).toEqual([0, 1, 0, 1]);
    expect(figures(cluster)).toEqual({ acked: 2, replayed: 2, letters: 0 });
  });

  test('that a buffer keeps longer than the timeout is replayed, and ends as a dead letter, which nothing hides', async () => {
    const source = new Source();
    const slow: Step = (rows) => rows.pipe(bufferTime('10m'), flat);
    const options = { messageTimeoutMs: 1_000, maxAttempts: 2 };
    const cluster = await Cluster.start(chain(source.spout, piped(slow), new Store()), options);
    source.push(1);
    await cluster.pass(10_000);
    expect(cluster.letters.map(({ reason }) => reason)).toEqual([{ kind: 'timeout' }]);
    source.end();
    await cluster.finish();
  });

  test('fails with the pipe when another row breaks it, and is done when it comes again', async () => {
    let broken = 0;
    const breaking: Step = map((row) => {
      if (row.n === 2 && broken++ === 0) throw new RangeError('made up');
      return row;
    });
    const store = new Store();
    const middle = piped((rows) => rows.pipe(breaking, buffered));
    const cluster = await Cluster.start(chain(numbers(4), middle, store));
    await cluster.finish();
    expect(store.written.sort()).toEqual(upTo(4));
    expect(figures(cluster)).toEqual({ acked: 4, replayed: 3, letters: 0 });
    expect(cluster.notices.join()).toContain('threw RangeError');
  });
});

describe('at the end of the source', () => {
  test('what buffers keep is emitted, also when one feeds the next in another worker', async () => {
    const store = new Store();
    const long: Step = (rows) => rows.pipe(bufferTime('20s'), flat);
    const cluster = await Cluster.start(
      (t) => {
        const from = t.spout('in', numbers(20), { worker: 0 }).shuffle();
        const first = t.bolt('first', piped(long), { from, worker: 1 });
        const second = t.bolt('second', piped(long), { from: first.out.by('n'), tasks: 2 });
        t.sink('store', store.sink(), { from: second.out.global() });
      },
      { workers: 2 },
    );
    await cluster.finish();
    expect(store.written.sort((a, b) => a - b)).toEqual(upTo(20));
    expect(figures(cluster)).toEqual({ acked: 20, replayed: 0, letters: 0 });
  });

  test('and when the run is stopped, so that nothing is left open', async () => {
    const source = new Source();
    const store = new Store();
    const long: Step = (rows) => rows.pipe(bufferTime('20s'), flat);
    const cluster = await Cluster.start(chain(source.spout, piped(long), store));
    source.push(3);
    await cluster.pass(500);
    for (const engine of cluster.engines) engine.stop();
    await cluster.pass(2_000);
    expect(store.written).toEqual([0, 1, 2]);
    await cluster.finish();
    expect(figures(cluster)).toEqual({ acked: 3, replayed: 0, letters: 0 });
  });

  test('and not before, bolts are told so, in every worker', async () => {
    const told = new Map<number, boolean>();
    const source = new Source();
    const asking = opening((context) => {
      context.every(50, () => void told.set(context.worker, context.ending()));
      return (row, emit) => emit.out(row);
    });
    const cluster = await Cluster.start(
      (t) => {
        const from = t.spout('in', source.spout, { worker: 0 }).by('n');
        const { out } = t.bolt('bolt', asking, { from, tasks: 2 });
        t.sink('store', new Store().sink(), { from: out.shuffle() });
      },
      { workers: 2 },
    );
    source.push(10);
    await cluster.pass(1_000);
    expect([...told.values()]).toEqual([false, false]);
    source.end();
    await cluster.pass(1_000);
    expect([...told.values()]).toEqual([true, true]);
    await cluster.finish();
  });
});

test('more rows than may be pending go through a buffer that would keep them all', async () => {
  const store = new Store();
  const all: Step = (rows) => rows.pipe(bufferCount(1e6), flat);
  const cluster = await Cluster.start(chain(numbers(20_000), piped(all), store), {
    maxSpoutPending: 16_384,
  });
  await cluster.finish();
  expect(new Set(store.written).size).toBe(20_000);
  expect(cluster.letters).toEqual([]);
});

test('rows pass on as they are, with sealed fields, also later; bad ones are rejected', async () => {
  const Hit = schema('hit', { ip: pii('ip'), host: text() });
  const late = rx({
    reads: Hit,
    emits: { hits: Hit, ips: schema('ip', { ip: pii('ip'), host: text(), n: int() }) },
    pipe: (hits, scheduler) => ({
      hits: hits.pipe(
        filter((hit) => hit.host !== ''),
        anchored(rxjs.delay(500, scheduler)),
      ),
      ips: hits.pipe(
        map(({ ip, host }, n) => ({ ip, host: host === '' ? reject('no host') : host, n })),
      ),
    }),
  });
  const { streams, rejected, failed } = await feed(late, [
    { ip: '192.0.2.1', host: 'a' },
    { ip: '192.0.2.2', host: '' },
    { ip: '192.0.2.3', host: 'c' },
  ]);
  expect(streams['hits']!.map((hit) => [hit['host'], String(hit['ip'])])).toEqual([
    ['a', '[pii:ip]'],
    ['c', '[pii:ip]'],
  ]);
  expect(streams['ips']!.map(({ host, n }) => [host, n])).toEqual([
    ['a', 0],
    ['c', 2],
  ]);
  expect(rejected).toEqual([{ row: 1, reason: 'no host' }]);
  expect(failed).toEqual([]);
});
