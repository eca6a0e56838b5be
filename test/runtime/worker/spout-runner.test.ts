import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bolt } from '../../../topology/dsl/bolt.js';
import type { Hold } from '../../../topology/dsl/context.js';
import { RawLine } from '../../../topology/dsl/raw-line.js';
import { reject } from '../../../topology/dsl/reject.js';
import { reveal } from '../../../topology/rows/reveal.js';
import { Cluster, type ClusterOptions } from './cluster.js';
import { lineName, linesSpout, type Lines } from './lines-spout.js';
import {
  canary,
  chain,
  Deferred,
  numbers,
  Numbered,
  Source,
  stepping,
  Store,
  type Out,
} from './parts.js';

/** A topology whose bolt holds every line until the test settles it. */
class Held {
  /** By line, in the order they came. */
  readonly open = new Map<string, Hold>();
  readonly attempts = new Map<string, number>();
  cluster!: Cluster;

  static async start(
    batches: readonly Lines[],
    fate: (line: string, attempt: number) => void = () => {},
    options: ClusterOptions = {},
  ): Promise<Held> {
    const held = new Held();
    held.cluster = await Cluster.start((t) => {
      const lines = t.spout(
        'lines',
        linesSpout(batches, (line) => line.endsWith('13')),
      );
      const hold = bolt({
        reads: RawLine,
        emits: {},
        open: (context) => ({
          process(row) {
            const line = reveal(row.line);
            const attempt = (held.attempts.get(line) ?? 0) + 1;
            held.attempts.set(line, attempt);
            fate(line, attempt);
            held.open.set(line, context.hold());
          },
        }),
      });
      t.bolt('hold', hold, { from: lines.shuffle() });
    }, options);
    return held;
  }

  settle(line: string, failed = false): void {
    const hold = this.open.get(line)!;
    this.open.delete(line);
    if (failed) hold.fail('test');
    else hold.ack();
  }
}

const commits = ({ committed }: Cluster) => committed.get('lines-0')!;

describe('a spout task', () => {
  test('never commits past a message that is not settled, and in the end commits all, whatever order they are settled in', async () => {
    const batches = fc.array(
      fc.record({ partition: fc.constantFrom('a', 'b'), count: fc.nat(20) }),
      { minLength: 1, maxLength: 6 },
    );
    const steps = fc.array(
      fc.record({ pick: fc.nat(), failed: fc.boolean(), ms: fc.constantFrom(0, 0, 0, 10, 120) }),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(
        batches,
        steps,
        fc.nat(5),
        fc.constantFrom(1, 3, 1000),
        async (given, actions, seed, maxSpoutPending) => {
          const bad = (line: string): boolean =>
            (line.charCodeAt(line.length - 1) + seed) % 7 === 0;
          const held = await Held.start(given, (line) => void (bad(line) && reject('bad')), {
            maxAttempts: 3,
            maxSpoutPending,
          });
          const { cluster } = held;
          const acked = new Set<string>();
          const total = new Map<string, number>();
          for (const { partition, count } of given)
            total.set(partition, (total.get(partition) ?? 0) + count);
          const buried = (line: string): boolean =>
            cluster.letters.slice(0, cluster.buried).some(({ raw }) => String(raw) === line);
          const check = (): void => {
            expect(held.open.size).toBeLessThanOrEqual(maxSpoutPending);
            for (const [partition, position] of commits(cluster).positions) {
              expect(total.has(partition)).toBe(true);
              for (let i = 0; i < position; i++) {
                const line = lineName(partition, i);
                if (!acked.has(line) && !buried(line))
                  throw new Error(`${line} is not settled, but ${position} is committed`);
              }
            }
          };
          const settleOne = (pick: number, failed: boolean): void => {
            const line = [...held.open.keys()][pick % held.open.size];
            if (line === undefined) return;
            held.settle(line, failed);
            if (!failed) acked.add(line);
          };
          await cluster.settle();
          for (const { pick, failed, ms } of actions) {
            settleOne(pick, failed);
            await cluster.pass(ms);
            check();
          }
          for (let round = 0; cluster.quiet.size === 0; round++) {
            while (held.open.size > 0) settleOne(round * 7, round % 3 === 0 && round < 9);
            await cluster.pass(100);
            check();
          }
          const all = [...total.values()].reduce((a, b) => a + b, 0);
          const { positions, counters } = commits(cluster);
          for (const [partition, count] of total)
            if (count > 0) expect(positions.get(partition)).toBe(count);
          expect(counters).toEqual({
            emitted: all,
            acked: acked.size,
            deadLetters: cluster.letters.length,
          });
          expect(acked.size + cluster.letters.length).toBe(all);
          expect(cluster.sum('lines', 'emitted')).toBe(all);
          expect(cluster.sum('lines', 'acked')).toBe(acked.size);
          expect(cluster.sum('lines', 'deadLetters')).toBe(cluster.letters.length);
        },
      ),
      { numRuns: 40 },
    );
  });

  /** Times at which a message is tried when every attempt fails. */
  async function attemptsOf(maxAttempts: number): Promise<{ cluster: Cluster; timesMs: number[] }> {
    const timesMs: number[] = [];
    const failing = stepping(() => {
      timesMs.push(cluster.clock.monotonicMs());
      throw new TypeError(canary);
    });
    const cluster = new Cluster(chain(numbers(1), failing, new Store()), { maxAttempts });
    await cluster.open(0);
    cluster.engines[0]!.start();
    await cluster.finish();
    return { cluster, timesMs };
  }

  test('replays what failed with backoff, and gives it up after the last attempt, with all that one must know of it', async () => {
    const { cluster, timesMs } = await attemptsOf(4);
    const delays = timesMs.map((ms, i) => ms - (timesMs[i - 1] ?? 0));
    expect(delays.map((ms) => Math.round(ms / 50) * 50)).toEqual([0, 100, 200, 400]);
    expect(cluster.letters).toEqual([
      {
        time: expect.any(Number),
        reason: { kind: 'failed', component: 'bolt', code: 'TypeError' },
        topology: 'test',
        spout: 'in',
        attempts: 4,
        origin: { row: 0 },
        partition: 'rows',
        position: 1,
        raw: Buffer.from('{"n":0}'),
      },
    ]);
    expect([
      cluster.sum('in', 'executed'),
      cluster.sum('in', 'emitted'),
      cluster.sum('in', 'failed'),
      cluster.sum('in', 'replayed'),
    ]).toEqual([4, 1, 4, 3]);
  });

  test('waits ten seconds at most between two attempts', async () => {
    const { timesMs } = await attemptsOf(10);
    expect(Math.round((timesMs[9]! - timesMs[8]!) / 100)).toBe(100);
  });

  test('gives up at once what its source rejects, and emits nothing of it', async () => {
    const held = await Held.start([{ partition: 'a', count: 14 }]);
    await held.cluster.pass(200);
    expect([...held.open.keys()]).not.toContain('a:13');
    expect(
      held.cluster.letters.map(({ reason, attempts, raw }) => ({
        reason,
        attempts,
        raw: String(raw),
      })),
    ).toEqual([
      {
        reason: { kind: 'rejected', component: 'lines', reason: 'too long' },
        attempts: 1,
        raw: 'a:13',
      },
    ]);
    for (const line of [...held.open.keys()]) held.settle(line);
    await held.cluster.finish();
    expect(commits(held.cluster)).toEqual({
      positions: new Map([['a', 14]]),
      counters: { emitted: 14, acked: 13, deadLetters: 1 },
    });
  });

  test('counts a message whose dead letter is not stored as neither done nor dead', async () => {
    const away = new Deferred();
    const failing = stepping(() => reject('bad'));
    const cluster = new Cluster(chain(numbers(2), failing, new Store()));
    cluster.store = () => away.promise;
    await cluster.open(0);
    cluster.engines[0]!.start();
    await cluster.pass(1000);
    expect([
      cluster.letters.length,
      cluster.sum('in', 'deadLetters'),
      committedOf(cluster),
    ]).toEqual([2, 0, undefined]);
    away.resolve();
    await cluster.finish();
    expect([cluster.sum('in', 'deadLetters'), committedOf(cluster)]).toEqual([2, 2]);
  });

  test('gives a batch back when no message needs its bytes any more: all are acked, or wait with bytes of their own', async () => {
    const source = new Source();
    const held = new Map<number, Hold>();
    const cluster = await Cluster.start(chain(source.spout, holding(held), new Store()));
    source.push(2);
    source.push(1);
    source.wake();
    await cluster.settle();
    held.get(0)!.ack();
    expect(source.released).toEqual([]);
    held.get(2)!.ack();
    expect(source.released).toEqual([2]);
    held.get(1)!.fail('test');
    expect(source.released).toEqual([2, 0]);
    await cluster.pass(200);
    held.get(1)!.ack();
    source.end();
    await cluster.finish();
    expect(source.released).toEqual([2, 0]);
    expect(committedOf(cluster)).toBe(3);
  });

  test('has no more messages open than it may, those that wait for a replay or a burial among them', async () => {
    const source = new Source();
    const held = new Map<number, Hold>();
    const cluster = await Cluster.start(chain(source.spout, holding(held), new Store()), {
      maxSpoutPending: 10,
    });
    for (let i = 0; i < 10; i++) source.push(7);
    source.wake();
    await cluster.settle();
    expect(held.size).toBe(10);
    for (const hold of held.values()) hold.fail('test');
    await cluster.pass(90);
    expect(held.size).toBe(10);
    await cluster.pass(30);
    for (const hold of held.values()) hold.ack();
    await cluster.settle();
    expect(held.size).toBe(20);
    source.end();
    while (cluster.quiet.size === 0) {
      for (const [n, hold] of held) if (n >= 10) held.delete(n) && hold.ack();
      await cluster.pass(10);
    }
    expect(cluster.sum('in', 'acked')).toBe(70);
  });

  test('goes on from turn to turn as long as there is something to emit and room for it', async () => {
    const store = new Store();
    store.flushes = [() => new Promise(() => {})];
    const cluster = await Cluster.start(
      chain(
        numbers(2000),
        stepping((row, emit) => emit.out(row)),
        store,
      ),
      { maxSpoutPending: 1500 },
    );
    await cluster.settle();
    expect(store.written.length).toBe(1500);
  });

  test('goes on with whatever number fails at once', async () => {
    const count = 150_000;
    const failing = stepping(({ n }) => {
      if (attempts[n]!++ === 0) throw new TypeError(canary);
    });
    const attempts = new Uint8Array(count);
    const cluster = await Cluster.start(chain(numbers(count), failing, new Store()), {
      maxSpoutPending: count,
    });
    await cluster.finish();
    expect(cluster.sum('in', 'acked')).toBe(count);
  });

  test('emits nothing new once it is stopped, finishes what is under way, also replays, and commits no more than that', async () => {
    const source = new Source();
    const held = new Map<number, Hold>();
    const cluster = await Cluster.start(chain(source.spout, holding(held), new Store()), {
      maxSpoutPending: 5,
    });
    source.push(20);
    source.wake();
    await cluster.settle();
    cluster.engines[0]!.stop();
    held.get(4)!.fail('test');
    for (let n = 0; n < 4; n++) held.get(n)!.ack();
    await cluster.pass(90);
    expect(cluster.quiet.size).toBe(0);
    await cluster.pass(100);
    held.get(4)!.ack();
    await cluster.finish();
    expect(held.size).toBe(5);
    expect(committedOf(cluster)).toBe(5);
    expect(source.closed).toBe(true);
  });

  test('goes on from what was committed, counts and all', async () => {
    const cluster = new Cluster(
      chain(
        numbers(5),
        stepping(() => {}),
        new Store(),
      ),
    );
    cluster.committed.set('in-0', {
      positions: new Map([['rows', 3]]),
      counters: { emitted: 3, acked: 2, deadLetters: 1 },
    });
    await cluster.open(0);
    cluster.engines[0]!.start();
    await cluster.finish();
    expect([
      cluster.sum('in', 'executed'),
      cluster.sum('in', 'emitted'),
      cluster.sum('in', 'acked'),
      cluster.sum('in', 'deadLetters'),
    ]).toEqual([2, 5, 4, 1]);
    expect(cluster.committed.get('in-0')).toEqual({
      positions: new Map([['rows', 5]]),
      counters: { emitted: 5, acked: 4, deadLetters: 1 },
    });
  });
});

describe('a source', () => {
  const start = (source: Source): Promise<Cluster> =>
    Cluster.start(
      chain(
        source.spout,
        stepping(() => {}),
        new Store(),
      ),
    );

  test('that has nothing is asked again after 100 ms, or when it says so', async () => {
    const source = new Source();
    const cluster = await start(source);
    await cluster.settle();
    expect(source.polls).toBe(1);
    await cluster.pass(90);
    expect(source.polls).toBe(1);
    await cluster.pass(10);
    expect(source.polls).toBe(2);
    source.wake();
    await cluster.settle();
    expect(source.polls).toBe(3);
    await cluster.pass(90);
    expect(source.polls).toBe(3);
    source.end();
    await cluster.finish();
  });

  test('may answer later, and is not asked meanwhile', async () => {
    const source = new Source();
    const answer = new Deferred();
    source.answers = [() => answer.promise.then(() => source.batch(0, 2))];
    const cluster = await start(source);
    await cluster.pass(1000);
    expect(source.polls).toBe(1);
    answer.resolve();
    source.end();
    await cluster.finish();
    expect(cluster.sum('in', 'acked')).toBe(2);
  });

  test('gets an empty batch back at once', async () => {
    const source = new Source();
    source.answers = [() => source.batch(5, 0), () => Promise.resolve(source.batch(6, 0))];
    source.end();
    const cluster = await start(source);
    await cluster.finish();
    expect(source.released).toEqual([5, 6]);
  });

  const broken: [string, () => never | Promise<never>][] = [
    [
      'throws',
      () => {
        throw new Error('the disk is gone');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the disk is gone'))],
  ];
  test.each(broken)('that %s ends the run, and is not asked again', async (_, answer) => {
    const source = new Source();
    source.answers = [answer];
    const cluster = await start(source);
    await cluster.pass(1000);
    expect(cluster.fault).toEqual({ component: 'in', error: new Error('the disk is gone') });
    expect(source.polls).toBe(1);
  });
});

describe('storing', () => {
  const refused = (code: string): Promise<void> =>
    Promise.reject(Object.assign(new Error(code), { code }));

  test('a commit waits for room, and then holds all that was settled meanwhile', async () => {
    const source = new Source();
    const cluster = await Cluster.start(
      chain(
        source.spout,
        stepping(() => {}),
        new Store(),
      ),
    );
    let tries = 0;
    cluster.store = () => (++tries <= 3 ? refused('ENOSPC') : Promise.resolve());
    source.push(3);
    source.wake();
    await cluster.pass(300);
    source.push(3);
    source.wake();
    await cluster.settle();
    expect([cluster.stalls, committedOf(cluster)]).toEqual([['ENOSPC'], undefined]);
    source.end();
    await cluster.finish();
    expect([cluster.stalls, committedOf(cluster)]).toEqual([['ENOSPC', null], 6]);
  });

  test.each(['acked', 'dead'])(
    'what cannot be stored for good ends the run: a message that is %s',
    async (how) => {
      const cluster = await Cluster.start(
        chain(
          numbers(1),
          stepping(() => void (how === 'dead' && reject('bad'))),
          new Store(),
        ),
      );
      cluster.store = () => refused('EROFS');
      await cluster.pass(1000);
      expect(cluster.fault).toEqual({ component: 'in', error: new Error('EROFS') });
      expect(committedOf(cluster)).toBeUndefined();
      expect(cluster.sum('in', 'deadLetters')).toBe(0);
    },
  );
});

/** A bolt that holds every row, by its number. */
const holding = (held: Map<number, Hold>) =>
  bolt<Numbered, Out>({
    reads: Numbered,
    emits: { out: Numbered },
    open: (context) => ({ process: ({ n }) => void held.set(n, context.hold()) }),
  });

/** How far the one partition of `in` is committed. */
const committedOf = ({ committed }: Cluster): number | undefined =>
  [...committed.get('in-0')!.positions.values()][0];
