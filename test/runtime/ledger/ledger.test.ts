import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Failure } from '../../../runtime/ledger/failure.js';
import { Ledger, random32, type Settler } from '../../../runtime/ledger/ledger.js';

class Ends implements Settler {
  readonly ended = new Map<unknown, Failure['kind'] | 'acked'>();
  settled(message: unknown, _index: number, failure: Failure | null): void {
    expect(this.ended.has(message)).toBe(false);
    this.ended.set(message, failure?.kind ?? 'acked');
  }
}

/** A tree of edges: how many children each node has; depth first. A node that is lost is never acked. */
const { tree } = fc.letrec<{ tree: Node }>((tie) => ({
  tree: fc.record({
    lost: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    children: fc.oneof(
      { maxDepth: 4 },
      fc.constant<Node[]>([]),
      fc.array(tie('tree'), { maxLength: 4 }),
    ),
  }),
}));
interface Node {
  lost: boolean;
  children: Node[];
}

describe('Ledger', () => {
  test('ends exactly the roots whose whole tree was acked, in whatever order acks come', () => {
    fc.assert(
      fc.property(
        fc.array(tree, { minLength: 1, maxLength: 40 }),
        fc.infiniteStream(fc.nat()),
        (trees, order) => {
          const ledger = new Ledger(16);
          const ends = new Ends();
          const acks: (() => void)[] = [];
          const whole = (node: Node): boolean => !node.lost && node.children.every(whole);
          let expected = 0;
          trees.forEach((root, i) => {
            const slot = ledger.open(ends, i, 0, 0);
            if (slot < 0) return;
            const generation = ledger.generation(slot);
            // Each visit sends one ack: its own edge and those that it opened.
            const visit = (node: Node, high: number, low: number): void => {
              let [h, l] = [high, low];
              for (const child of node.children) {
                const [edgeHigh, edgeLow] = [random32(), random32()];
                h ^= edgeHigh;
                l ^= edgeLow;
                visit(child, edgeHigh, edgeLow);
              }
              if (!node.lost) acks.push(() => ledger.ack(slot, generation, h, l));
            };
            visit(root, ledger.high, ledger.low);
            if (whole(root)) expected++;
          });
          while (acks.length > 0) acks.splice(order.next().value! % acks.length, 1)[0]!();
          expect([...ends.ended.values()].filter((end) => end === 'acked')).toHaveLength(expected);
          ledger.expire(1, { kind: 'timeout' });
          expect(ends.ended.size).toBe(Math.min(trees.length, 16));
          expect(ledger.pending).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('has no slot for more roots than its capacity, and has one again when a root ends', () => {
    const ledger = new Ledger(2);
    const ends = new Ends();
    const first = ledger.open(ends, 'a', 0, 0);
    const { high, low } = ledger;
    ledger.open(ends, 'b', 0, 0);
    expect(ledger.open(ends, 'c', 0, 0)).toBe(-1);
    ledger.ack(first, ledger.generation(first), high, low);
    expect(ledger.open(ends, 'c', 0, 0)).toBeGreaterThanOrEqual(0);
  });

  test('refuses an ack or a fail that comes after its root ended', () => {
    const ledger = new Ledger(1);
    const ends = new Ends();
    const slot = ledger.open(ends, 'first', 0, 0);
    const late = ledger.generation(slot);
    ledger.fail(slot, late, { kind: 'timeout' });
    ledger.open(ends, 'second', 0, 0);
    ledger.ack(slot, late, ledger.high, ledger.low);
    ledger.fail(slot, late, { kind: 'timeout' });
    expect(ends.ended.has('second')).toBe(false);
  });

  test('expires roots in the order in which they were opened, and no younger ones', () => {
    const ledger = new Ledger(8);
    const ends = new Ends();
    for (const atMs of [10, 20, 30]) ledger.open(ends, atMs, 0, atMs);
    ledger.expire(25, { kind: 'timeout' });
    expect([...ends.ended.keys()]).toEqual([10, 20]);
  });

  test('fails, when a worker is lost, only roots of which a row went away', () => {
    const ledger = new Ledger(8);
    const ends = new Ends();
    ledger.open(ends, 'here', 0, 0);
    const away = ledger.open(ends, 'away', 0, 0);
    ledger.sentAway(away, ledger.generation(away));
    ledger.failSentAway({ kind: 'worker-lost' });
    expect([...ends.ended]).toEqual([['away', 'worker-lost']]);
  });
});
