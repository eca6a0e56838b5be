import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Failure } from '../../../runtime/ledger/failure.js';
import { Ledger } from '../../../runtime/ledger/ledger.js';
import { Histogram } from '../../../runtime/metrics/histogram.js';
import { settle, type Acks, type Anchor } from '../../../runtime/worker/anchor.js';
import { Anchors } from '../../../runtime/worker/anchors.js';
import { Visit } from '../../../runtime/worker/visit.js';

/** A ledger with one root, and visits that belong to it. */
class Root {
  readonly ledger = new Ledger(4);
  readonly acks: Acks = {
    ack: (_worker, slot, generation, high, low) => this.ledger.ack(slot, generation, high, low),
    fail: (_worker, slot, generation, failure) => this.ledger.fail(slot, generation, failure),
  };
  readonly visit = new Visit(this.acks);
  ended: Failure['kind'] | 'acked' | null = null;

  constructor() {
    const slot = this.ledger.open(
      { settled: (_message, _index, failure) => (this.ended = failure?.kind ?? 'acked') },
      null,
      0,
      0,
    );
    this.visit.begin(0, slot, this.ledger.generation(slot), this.ledger.high, this.ledger.low);
  }
}

const failed: Failure = { kind: 'failed', component: 'a', code: 'b' };

describe('a message', () => {
  test('is done when its visit and all that hangs on it are, in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), (order) => {
        const root = new Root();
        const anchors = order.map(() => root.visit.anchor());
        root.visit.end();
        for (const pick of order) {
          expect(root.ended).toBeNull();
          settle(anchors.splice(pick % anchors.length, 1)[0]!, root.acks, null);
        }
        expect(root.ended).toBe('acked');
      }),
    );
  });

  /** What goes on in a visit: edges opened, and parts of it that are resumed, one in another. */
  type Part = {
    readonly opens: number;
    readonly parts: readonly { readonly of: number; readonly part: Part }[];
  };
  const { part } = fc.letrec<{ part: Part }>((tie) => ({
    part: fc.record({
      opens: fc.nat(3),
      parts: fc.oneof(
        { maxDepth: 4 },
        fc.constant([]),
        fc.array(fc.record({ of: fc.nat(), part: tie('part') }), { maxLength: 3 }),
      ),
    }),
  }));

  test('stays open as long as something does that was opened while a part of it was resumed, also within itself', () => {
    fc.assert(
      fc.property(part, (whole) => {
        const root = new Root();
        const resumable = [root.visit.anchor(), root.visit.anchor()];
        const leaves: Anchor[] = [];
        const play = ({ opens, parts }: Part): void => {
          for (let i = 0; i < opens; i++) leaves.push(root.visit.anchor());
          for (const { of, part } of parts) root.visit.resume(resumable[of % 2]!, () => play(part));
          for (let i = 0; i < opens; i++) leaves.push(root.visit.anchor());
        };
        play(whole);
        root.visit.end();
        for (const anchor of [...resumable, ...leaves]) {
          expect(root.ended).toBeNull();
          settle(anchor, root.acks, null);
        }
        expect(root.ended).toBe('acked');
      }),
    );
  });

  test('fails at once when a part of it fails', () => {
    const root = new Root();
    const anchor = root.visit.anchor();
    root.visit.end();
    root.visit.resume(anchor, () => (root.visit.failure = failed));
    expect(root.ended).toBe('failed');
    expect(root.visit.failure).toBeNull();
  });

  test('is the same after a part of it threw', () => {
    const root = new Root();
    const anchor = root.visit.anchor();
    root.visit.component = 5;
    const before = { ...root.visit };
    expect(() =>
      root.visit.resume(anchor, () => {
        root.visit.component = 6;
        root.visit.anchor();
        throw new Error('thrown');
      }),
    ).toThrow('thrown');
    const { edgeHigh, edgeLow, ...after } = { ...root.visit };
    expect(before).toMatchObject(after);
  });
});

test('an anchor is settled once', () => {
  const root = new Root();
  const anchor = root.visit.anchor();
  root.visit.end();
  settle(anchor, root.acks, null);
  expect(() => settle(anchor, root.acks, null)).toThrow('A row was settled twice.');
  expect(root.ended).toBe('acked');
});

test('one visit in 32 is timed, and a component only for what it did itself', () => {
  const root = new Root();
  const { visit } = root;
  let timed = 0;
  for (let i = 0; i < 320; i++) {
    visit.begin(0, 0, 0, 0, 0);
    if (visit.sampled) timed++;
  }
  expect(timed).toBe(10);
  // a calls b and c: 10 ms in all, of which b takes 3 and c 4.
  const [a, b] = [new Histogram(), new Histogram()];
  visit.childMs = 0;
  visit.timed(b, 102, 0, 105);
  const before = visit.childMs;
  visit.childMs = 0;
  visit.timed(b, 105, before, 109);
  visit.timed(a, 100, 0, 110);
  expect(b.quantileMs(0.5)).toBeCloseTo(3, 0);
  expect(b.quantileMs(1)).toBeCloseTo(4, 0);
  expect(a.quantileMs(1)).toBeCloseTo(3, 0);
  expect(visit.childMs).toBe(10);
});

describe('Anchors', () => {
  const held = (root: Root, count: number): Anchors => {
    const anchors = new Anchors();
    for (let i = 0; i < count; i++) anchors.hold(root.visit);
    root.visit.end();
    return anchors;
  };

  test('hold a message open until all are acked, however many', () => {
    const root = new Root();
    const anchors = held(root, 5000);
    expect([anchors.count, root.ended]).toEqual([5000, null]);
    anchors.ackAll(root.acks);
    expect([anchors.count, root.ended]).toEqual([0, 'acked']);
  });

  test('fail what they hold', () => {
    const root = new Root();
    const anchors = held(root, 3);
    anchors.failAll(root.acks, failed);
    expect([anchors.count, root.ended]).toEqual([0, 'failed']);
  });

  test('let the last one go as if it had never been', () => {
    const root = new Root();
    const anchors = new Anchors();
    anchors.hold(root.visit);
    anchors.hold(root.visit);
    anchors.drop(root.visit);
    root.visit.end();
    expect([anchors.count, root.ended]).toEqual([1, null]);
    anchors.ackAll(root.acks);
    expect(root.ended).toBe('acked');
  });
});
