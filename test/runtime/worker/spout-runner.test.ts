import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bolt } from '../../../topology/dsl/bolt.js';
import type { Hold } from '../../../topology/dsl/context.js';
import { RawLine } from '../../../topology/dsl/raw-line.js';
import { reject } from '../../../topology/dsl/reject.js';
import { reveal } from '../../../topology/rows/reveal.js';
import { Cluster, type ClusterOptions } from './cluster.js';
import { lineName, linesSpout, type Lines } from './lines-spout.js';

/** A topology whose bolt holds every line until the test settles it. */
class Held {
  /** By line, in the order they came. */
  readonly open = new Map<string, Hold>();
  readonly attempts = new Map<string, number>();
  cluster!: Cluster;

  static async start(batches: readonly Lines[], fate: (line: string, attempt: number) => void = () => {}, options: ClusterOptions = {}): Promise<Held> {
    const held = new Held();
    held.cluster = await Cluster.start((t) => {
      const lines = t.spout('lines', linesSpout(batches, (line) => line.endsWith('13')));
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
    const batches = fc.array(fc.record({ partition: fc.constantFrom('a', 'b'), count: fc.nat(20) }), { minLength: 1, maxLength: 6 });
    const steps = fc.array(fc.record({ pick: fc.nat(), failed: fc.boolean(), ms: fc.constantFrom(0, 0, 0, 10, 120) }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(batches, steps, fc.nat(5), async (given, actions, seed) => {
        const bad = (line: string): boolean => (line.charCodeAt(line.length - 1) + seed) % 7 === 0;
        const held = await Held.start(given, (line) => void (bad(line) && reject('bad')), { maxAttempts: 3 });
        const { cluster } = held;
        const acked = new Set<string>();
        const total = new Map<string, number>();
        for (const { partition, count } of given) total.set(partition, (total.get(partition) ?? 0) + count);
        const buried = (line: string): boolean => cluster.letters.slice(0, cluster.buried).some(({ raw }) => String(raw) === line);
        const check = (): void => {
          for (const [partition, position] of commits(cluster).positions) {
            expect(total.has(partition)).toBe(true);
            for (let i = 0; i < position; i++) {
              const line = lineName(partition, i);
              if (!acked.has(line) && !buried(line)) throw new Error(`${line} is not settled, but ${position} is committed`);
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
        for (const [partition, count] of total) if (count > 0) expect(positions.get(partition)).toBe(count);
        expect(counters).toEqual({ emitted: all, acked: acked.size, deadLetters: cluster.letters.length });
        expect(acked.size + cluster.letters.length).toBe(all);
        expect(cluster.sum('lines', 'emitted')).toBe(all);
        expect(cluster.sum('lines', 'acked')).toBe(acked.size);
        expect(cluster.sum('lines', 'deadLetters')).toBe(cluster.letters.length);
      }),
      { numRuns: 40 },
    );
  });
});
