import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bolt } from '../../../topology/dsl/bolt.js';
import type { Hold } from '../../../topology/dsl/context.js';
import { reject } from '../../../topology/dsl/reject.js';
import { Cluster, type ClusterOptions } from './cluster.js';
import { chain, Deferred, Numbered, Source, Store, type Out } from './parts.js';

/** A spout of numbers in partitions that come and go, and a bolt that holds each until the test settles it. */
class Revoked {
  readonly source = new Source();
  readonly held = new Map<number, Hold>();
  cluster!: Cluster;

  static async start(
    options: ClusterOptions = {},
    process: (n: number) => void = () => {},
  ): Promise<Revoked> {
    const all = new Revoked();
    const holding = bolt<Numbered, Out>({
      reads: Numbered,
      emits: { out: Numbered },
      open: (context) => ({
        process({ n }) {
          process(n);
          all.held.set(n, context.hold());
        },
      }),
    });
    all.cluster = await Cluster.start(chain(all.source.spout, holding, new Store()), options);
    return all;
  }

  /** So many more numbers of a partition, emitted as far as there is room. */
  async give(count: number, partition = 'p'): Promise<void> {
    this.source.push(count, partition);
    this.source.wake();
    await this.cluster.settle();
  }

  /** What becomes of a revocation. */
  revoke(partition: string, timeoutMs = 1000): { done: boolean; at: number } {
    const revoked = { done: false, at: -1 };
    void this.source.revoke(partition, timeoutMs).then(() => {
      revoked.done = true;
      revoked.at = this.cluster.clock.monotonicMs();
    });
    return revoked;
  }

  ack(...numbers: number[]): void {
    for (const n of numbers) {
      this.held.get(n)!.ack();
      this.held.delete(n);
    }
  }

  /** Emitted, acked, dead. */
  get counts(): number[] {
    return (['emitted', 'acked', 'deadLetters'] as const).map((figure) =>
      this.cluster.sum('in', figure),
    );
  }

  get committed(): object {
    const { positions, counters } = this.cluster.committed.get('in-0')!;
    return { ...Object.fromEntries(positions), ...counters };
  }
}

describe('a spout', () => {
  test('is told of positions once they are durable, and not before', async () => {
    const all = await Revoked.start();
    const away = new Deferred();
    all.cluster.store = () => away.promise;
    await all.give(3);
    all.ack(0, 1);
    await all.cluster.pass(500);
    expect(all.source.told).toEqual([]);
    away.resolve();
    await all.cluster.pass(500);
    expect(all.source.told).toEqual(['p 2']);
  });
});

describe('a partition that is revoked', () => {
  test('emits nothing more, waits for what is in flight, and is committed before it is given up', async () => {
    const all = await Revoked.start({ maxSpoutPending: 3 });
    await all.give(10);
    const revoked = all.revoke('p');
    all.ack(0, 2);
    await all.cluster.pass(300);
    expect(revoked.done).toBe(false);
    all.ack(1);
    await all.cluster.settle();
    expect(revoked.done).toBe(true);
    expect(all.source.told.at(-1)).toBe('p 3');
    expect(all.committed).toEqual({ p: 3, emitted: 3, acked: 3, deadLetters: 0 });
    await all.cluster.pass(1000);
    expect([...all.held.keys()]).toEqual([]);
    expect(all.counts).toEqual([3, 3, 0]);
    expect(all.source.released).toEqual([0]);
  });

  test('is given up after the time it was given, and what was not settled by then counts and is kept no longer', async () => {
    const all = await Revoked.start();
    await all.give(4);
    const revoked = all.revoke('p', 500);
    all.ack(0, 2);
    await all.cluster.pass(490);
    expect(revoked.done).toBe(false);
    expect(all.counts).toEqual([4, 2, 0]);
    await all.cluster.pass(20);
    expect(revoked.done).toBe(true);
    expect(all.counts).toEqual([2, 2, 0]);
    // Number 2 was done here, though the next owner does it again.
    expect(all.committed).toEqual({ p: 1, emitted: 2, acked: 2, deadLetters: 0 });
    expect(all.source.released).toEqual([0]);
  });

  test('is changed by no late ack, failure or timeout', async () => {
    const all = await Revoked.start();
    await all.give(3);
    const revoked = all.revoke('p', 0);
    await all.cluster.pass(10);
    expect(revoked.done).toBe(true);
    all.ack(0);
    all.held.get(1)!.fail('test');
    await all.cluster.pass(60_000);
    expect(all.counts).toEqual([0, 0, 0]);
    expect(all.cluster.sum('in', 'failed') + all.cluster.sum('in', 'replayed')).toBe(0);
    expect(all.cluster.letters).toEqual([]);
    expect(all.source.told).toEqual([]);
    expect(all.source.released).toEqual([0]);
    all.source.end();
    await all.cluster.finish();
  });

  test('waits for no replay, and replays nothing', async () => {
    const all = await Revoked.start();
    await all.give(3);
    all.held.get(1)!.fail('test');
    all.held.clear();
    const attempts = all.cluster.sum('in', 'executed');
    await all.give(1);
    all.ack(3);
    const revoked = all.revoke('p', 30_000);
    expect(all.counts).toEqual([3, 1, 0]);
    await all.cluster.pass(20_000);
    expect(all.cluster.sum('in', 'executed')).toBe(attempts + 1);
    expect(revoked.done).toBe(false);
    await all.cluster.pass(20_000);
    expect(revoked.done).toBe(true);
    expect(all.counts).toEqual([1, 1, 0]);
  });

  test("does not wait for what fails meanwhile: that is the next owner's", async () => {
    const all = await Revoked.start();
    await all.give(2);
    const revoked = all.revoke('p');
    all.held.get(0)!.fail('test');
    all.ack(1);
    await all.cluster.settle();
    expect(revoked.done).toBe(true);
    expect(all.counts).toEqual([1, 1, 0]);
    await all.cluster.pass(5000);
    expect(all.cluster.sum('in', 'replayed')).toBe(0);
  });

  test('waits for a dead letter that is being stored', async () => {
    const all = await Revoked.start({}, (n) => void (n === 1 && reject('bad')));
    const away = new Deferred();
    all.cluster.store = () => away.promise;
    await all.give(2);
    const revoked = all.revoke('p', 10_000);
    all.ack(0);
    await all.cluster.pass(1000);
    expect(revoked.done).toBe(false);
    away.resolve();
    await all.cluster.pass(200);
    expect(revoked.done).toBe(true);
    expect(all.committed).toEqual({ p: 2, emitted: 2, acked: 1, deadLetters: 1 });
  });

  test('does not count a dead letter that was stored after it was given up', async () => {
    const all = await Revoked.start({}, () => reject('bad'));
    const away = new Deferred();
    all.cluster.store = () => away.promise;
    await all.give(1);
    const revoked = all.revoke('p', 100);
    await all.cluster.pass(1000);
    // Storage is stuck, and no position of it may be told before it is stored.
    expect(revoked.done).toBe(false);
    away.resolve();
    await all.cluster.pass(1000);
    expect(revoked.done).toBe(true);
    expect(all.counts).toEqual([0, 0, 0]);
    expect(all.source.told).toEqual([]);
  });

  test('takes no batch that was asked for before', async () => {
    const all = await Revoked.start();
    const answer = new Deferred();
    all.source.answers = [() => answer.promise.then(() => all.source.batch(7, 2))];
    await all.cluster.pass(100);
    all.revoke('p');
    answer.resolve();
    await all.cluster.settle();
    expect(all.held.size).toBe(0);
    expect(all.source.released).toEqual([7]);
  });

  test('leaves other partitions alone', async () => {
    const all = await Revoked.start();
    await all.give(2, 'p');
    await all.give(2, 'q');
    all.held.get(2)!.fail('test');
    all.held.delete(2);
    const revoked = all.revoke('p', 50);
    await all.cluster.pass(200);
    expect(revoked.done).toBe(true);
    all.ack(2, 3);
    await all.cluster.pass(200);
    expect(all.counts).toEqual([2, 2, 0]);
    expect(all.committed).toEqual({ q: 4, emitted: 2, acked: 2, deadLetters: 0 });
  });

  test('may be taken on again, and begins anew: what is left of before does not touch it', async () => {
    const all = await Revoked.start();
    await all.give(2);
    all.revoke('p', 0);
    await all.cluster.pass(10);
    const [before] = all.held.values();
    all.source.answers = [() => all.source.batch(0, 2)];
    await all.give(0);
    before!.ack();
    await all.cluster.pass(200);
    expect(all.counts).toEqual([2, 0, 0]);
    expect(all.source.told).toEqual([]);
    all.ack(0, 1);
    await all.cluster.pass(200);
    expect(all.source.told).toEqual(['p 2']);
    expect(all.counts).toEqual([2, 2, 0]);
  });

  test('that nothing is known of is given up at once', async () => {
    const all = await Revoked.start();
    const revoked = all.revoke('never');
    await all.cluster.settle();
    expect(revoked).toEqual({ done: true, at: 0 });
  });

  test('is committed before the task is closed, when it is revoked while the run drains', async () => {
    const all = await Revoked.start();
    await all.give(3);
    all.cluster.engines[0]!.stop();
    const revoked = all.revoke('p', 30_000);
    await all.cluster.pass(100);
    all.ack(0, 1);
    expect(all.cluster.quiet.size).toBe(0);
    all.ack(2);
    await all.cluster.finish();
    expect(revoked.done).toBe(true);
    expect(all.source.told.at(-1)).toBe('p 3');
    expect(all.source.closed).toBe(true);
  });
});

test('messages that were emitted are acked, dead or in flight, whatever is revoked in between', async () => {
  const partition = fc.constantFrom('p', 'q');
  const step = fc.oneof(
    fc.record({ give: fc.integer({ min: 1, max: 5 }), to: partition }),
    fc.record({ settle: fc.nat(), how: fc.constantFrom('ack', 'ack', 'fail') }),
    fc.record({ revoke: partition, timeoutMs: fc.constantFrom(0, 50, 1000) }),
    fc.record({ ms: fc.constantFrom(0, 20, 150) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat(6), async (steps, seed) => {
      const bad = (n: number): boolean => (n + seed) % 7 === 0;
      const all = await Revoked.start({ maxAttempts: 2, maxSpoutPending: 8 }, (n) => {
        if (bad(n)) reject('bad');
      });
      const revoking = new Map<string, { done: boolean }>();
      for (const each of steps) {
        if ('give' in each) {
          if (revoking.get(each.to)?.done !== false) await all.give(each.give, each.to);
        } else if ('settle' in each) {
          const n = [...all.held.keys()][each.settle % all.held.size];
          if (n !== undefined && each.how === 'ack') all.ack(n);
          else if (n !== undefined) {
            all.held.get(n)!.fail('test');
            all.held.delete(n);
          }
        } else if ('revoke' in each) {
          if (revoking.get(each.revoke)?.done !== false)
            revoking.set(each.revoke, all.revoke(each.revoke, each.timeoutMs));
        } else await all.cluster.pass(each.ms);
        const [emitted, acked, dead] = all.counts;
        expect(emitted! - acked! - dead!).toBeGreaterThanOrEqual(0);
        expect(emitted! - acked! - dead!).toBeLessThanOrEqual(8);
      }
      all.source.end();
      while (all.cluster.quiet.size === 0) {
        all.ack(...all.held.keys());
        await all.cluster.pass(50);
      }
      const [emitted, acked, dead] = all.counts;
      expect(emitted).toBe(acked! + dead!);
      expect(all.committed).toMatchObject({ emitted, acked, deadLetters: dead });
      await all.cluster.finish();
    }),
    { numRuns: 60 },
  );
});
