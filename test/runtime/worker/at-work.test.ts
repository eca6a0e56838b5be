/** What is to blame when a process dies, and what becomes of it. */
import { describe, expect, test } from '@jest/globals';
import type { Verdict } from '../../../runtime/worker/condemned.js';
import type { AtWork } from '../../../runtime/worker/at-work.js';
import { bolt } from '../../../topology/dsl/bolt.js';
import { Cluster } from './cluster.js';
import {
  awaiting,
  chain,
  Deferred,
  Numbered,
  numbers,
  Source,
  stepping,
  Store,
  type Out,
} from './parts.js';

const idOf = (n: number, spout = 'in') => ({ spout, partition: 'rows', position: n + 1 });

describe('what is at work', () => {
  test('is the component that runs, and the message that it runs for', async () => {
    const found: AtWork[] = [];
    const store = new Store();
    let cluster: Cluster;
    const look = (): void => void found.push(cluster.engines[0]!.atWork());
    store.write = look;
    const middle = stepping((row, emit) => {
      look();
      emit.out(row);
      look();
    });
    cluster = await Cluster.start(chain(numbers(2), middle, store));
    await cluster.finish();
    expect(found).toEqual(
      [0, 1].flatMap((n) =>
        ['bolt', 'store', 'bolt'].map((component) => ({ component, message: idOf(n) })),
      ),
    );
    expect(cluster.engines[0]!.atWork()).toEqual({});
  });

  test('is no message when a bolt goes on after it has awaited: nobody knows which', async () => {
    const found: AtWork[] = [];
    let cluster: Cluster;
    const middle = awaiting(async () => {
      found.push(cluster.engines[0]!.atWork());
      await Promise.resolve();
      found.push(cluster.engines[0]!.atWork());
    });
    cluster = await Cluster.start(chain(numbers(1), middle, new Store()));
    await cluster.finish();
    expect(found).toEqual([{ component: 'bolt', message: idOf(0) }, {}]);
  });

  test.each([
    ['of several rows is none of them', undefined, [{ component: 'bolt' }]],
    [
      'is one row where steps are recorded',
      () => {},
      [0, 1, 2].map((n) => ({ component: 'bolt', message: idOf(n) })),
    ],
  ])('a batch %s', async (_, record, expected) => {
    const found: AtWork[] = [];
    let cluster: Cluster;
    const middle = bolt<Numbered, Out>({
      reads: Numbered,
      emits: { out: Numbered },
      processBatch: () => void found.push(cluster.engines[0]!.atWork()),
    });
    const ports = record === undefined ? {} : { record };
    cluster = await Cluster.start(chain(numbers(3), middle, new Store()), { ports });
    await cluster.finish();
    expect(found).toEqual(expected);
  });

  test('is the component alone in its timers, and while it is asked for more', async () => {
    const found: AtWork[] = [];
    let cluster: Cluster;
    const source = new Source();
    source.answers = [() => (found.push(cluster.engines[0]!.atWork()), 'done' as const)];
    const middle = bolt<Numbered, Out>({
      reads: Numbered,
      emits: { out: Numbered },
      open(context) {
        context.every(100, () => found.push(cluster.engines[0]!.atWork()));
        return { process: () => {} };
      },
    });
    cluster = await Cluster.start(chain(source.spout, middle, new Store()));
    await cluster.pass(100);
    expect(found).toEqual([{ component: 'in' }, { component: 'bolt' }]);
  });

  test('for a message of another worker is a root that this one knows, also when it has failed it', async () => {
    const found: AtWork[] = [];
    let cluster: Cluster;
    const middle = stepping(() => void found.push(cluster.engines[1]!.atWork()));
    cluster = await Cluster.start(
      (t) => {
        const { out } = t.bolt('bolt', middle, {
          from: t.spout('in', numbers(3), { tasks: 1, worker: 0 }).global(),
          tasks: 1,
          worker: 1,
        });
        t.sink('store', new Store().sink(), { from: out.shuffle() });
      },
      { workers: 2 },
    );
    await cluster.settle();
    expect(found).toHaveLength(3);
    const [home, stranger] = cluster.engines;
    const { slot, generation } = found[1]!.root!;
    expect(found[1]).toEqual({ component: 'bolt', root: { worker: 0, slot, generation } });
    // All acked by now.
    expect(home!.identify(slot, generation)).toEqual({});
    expect(stranger!.identify(slot, generation)).toEqual({});
  });

  test('of a lost worker is found among what was failed for it, until it has a successor', async () => {
    const hold = new Deferred();
    const roots: NonNullable<AtWork['root']>[] = [];
    let cluster: Cluster;
    const middle = awaiting(() => {
      roots.push(cluster.engines[1]!.atWork().root!);
      return hold.promise;
    });
    cluster = await Cluster.start(
      (t) => {
        const { out } = t.bolt('bolt', middle, {
          from: t.spout('in', numbers(3), { tasks: 1, worker: 0 }).global(),
          tasks: 1,
          worker: 1,
        });
        t.sink('store', new Store().sink(), { from: out.shuffle() });
      },
      { workers: 2 },
    );
    await cluster.settle();
    const which = () =>
      roots
        .slice(0, 3)
        .map(({ slot, generation }) => cluster.engines[0]!.identify(slot, generation));
    const messages = [0, 1, 2].map((n) => ({ message: idOf(n) }));
    expect(which()).toEqual(messages);
    cluster.kill(1);
    expect(cluster.sum('in', 'failed')).toBe(3);
    expect(which()).toEqual(messages);
    await cluster.restart(1);
    expect(which()).toEqual([{}, {}, {}]);
  });
});

describe('a condemned message', () => {
  const verdict = (n: number): Verdict => ({
    message: idOf(n),
    failure: { kind: 'blocked', component: 'bolt' },
    attempts: 2,
  });

  test('is not tried again: it becomes a dead letter when its turn comes, and the others are done', async () => {
    const store = new Store();
    const cluster = new Cluster(
      chain(
        numbers(5),
        stepping((row, emit) => emit.out(row)),
        store,
      ),
    );
    cluster.engines[0]!.condemn(verdict(2));
    await cluster.open(0);
    cluster.engines[0]!.start();
    await cluster.finish();
    expect(store.written).toEqual([0, 1, 3, 4]);
    expect(cluster.letters).toEqual([
      expect.objectContaining({ reason: verdict(2).failure, attempts: 2, position: 3 }),
    ]);
    expect(cluster.committed.get('in-0')?.counters).toEqual({
      emitted: 5,
      acked: 4,
      deadLetters: 1,
    });
    expect(cluster.engines[0]!.counters.failedBy.blocked[0]).toBe(1);
  });

  test('that waits for its replay is given up instead', async () => {
    const tried: number[] = [];
    const middle = stepping((row) => {
      tried.push(row.n);
      if (row.n === 1) throw new Error('once');
    });
    const cluster = await Cluster.start(chain(numbers(3), middle, new Store()));
    await cluster.settle();
    cluster.engines[0]!.condemn(verdict(1));
    await cluster.finish();
    expect(tried).toEqual([0, 1, 2]);
    expect(cluster.letters).toEqual([
      expect.objectContaining({ reason: verdict(1).failure, attempts: 3 }),
    ]);
    expect(cluster.buried).toBe(1);
  });
});
