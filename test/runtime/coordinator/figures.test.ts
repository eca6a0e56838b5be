import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Figures } from '../../../runtime/coordinator/figures.js';
import type { WorkerReport } from '../../../runtime/coordinator/protocol.js';
import { Counters } from '../../../runtime/metrics/counters.js';
import { OwnMetrics } from '../../../runtime/metrics/own-metrics.js';
import { place } from '../../../runtime/planner/place.js';
import type { SpoutCounters } from '../../../runtime/worker/ports.js';
import { planOf } from '../planner/support.js';
import { IDLE } from './fake-workers.js';

const placement = place(planOf({ spout: {}, bolt: { from: { spout: 'shuffle' } } }), 2);
const NONE: SpoutCounters = { emitted: 0, acked: 0, deadLetters: 0 };

/** A worker whose spout acks messages that its bolt has worked on; as a runner does, it begins from what was committed. */
class Life {
  readonly counters = new Counters(2);
  reasons = new Map<string, number>();
  readonly own = new OwnMetrics();
  waitedMs = 0;

  constructor(committed: SpoutCounters) {
    this.counters.emitted[0]! += committed.emitted;
    this.counters.acked[0]! += committed.acked;
    this.counters.deadLetters[0]! += committed.deadLetters;
  }

  work(acked: number, dead: number): void {
    const { emitted, executed, acked: done, failed, deadLetters, latency } = this.counters;
    emitted[0]! += acked + dead;
    executed[0]! += acked + dead;
    executed[1]! += acked + dead;
    done[0]! += acked;
    done[1]! += acked;
    failed[0]! += dead;
    failed[1]! += dead;
    deadLetters[0]! += dead;
    for (let i = 0; i < acked; i++) latency[0]!.addMs(1);
    if (dead > 0) this.reasons.set('bad', (this.reasons.get('bad') ?? 0) + dead);
  }

  get committed(): SpoutCounters {
    return {
      emitted: this.counters.emitted[0]!,
      acked: this.counters.acked[0]!,
      deadLetters: this.counters.deadLetters[0]!,
    };
  }

  tell(figures: Figures, worker: number): void {
    figures.update(worker, {
      counters: this.counters.snapshot(),
      reasons: [...this.reasons],
      own: this.own.snapshot(),
      load: { ...IDLE, waitedMs: this.waitedMs },
    });
  }
}

const spoutOf = (figures: Figures) => figures.components()[0]!;
const boltOf = (figures: Figures) => figures.components()[1]!;

describe('Figures', () => {
  test('count every message once, whenever workers die and whatever they repeat', () => {
    const work = fc.record({
      worker: fc.nat(1),
      acked: fc.nat(9),
      dead: fc.nat(3),
      commits: fc.boolean(),
      dies: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(work, { maxLength: 20 }), fc.nat(50), (steps, earlier) => {
        const before = { emitted: earlier, acked: earlier, deadLetters: 0 };
        const figures = new Figures(placement, new Map([['spout', before]]));
        const committed: SpoutCounters[] = [before, NONE];
        const lives = committed.map((counters) => new Life(counters));
        let executed = 0;
        for (const { worker, acked, dead, commits, dies } of steps) {
          lives[worker]!.work(acked, dead);
          executed += acked + dead;
          if (commits) committed[worker] = lives[worker]!.committed;
          lives[worker]!.tell(figures, worker);
          if (!dies) continue;
          figures.retire(worker);
          lives[worker] = new Life(committed[worker]!);
          lives[worker]!.tell(figures, worker);
        }
        for (const [worker, life] of lives.entries()) life.tell(figures, worker);
        const sum = (what: keyof SpoutCounters): number =>
          lives.reduce((all, life) => all + life.committed[what], 0) - before[what];
        const { emitted, acked, deadLetters } = spoutOf(figures);
        expect({ emitted, acked, deadLetters }).toEqual({
          emitted: sum('emitted'),
          acked: sum('acked'),
          deadLetters: sum('deadLetters'),
        });
        // What was repeated was done again: work is counted as often as it was done.
        expect([spoutOf(figures).executed, boltOf(figures).executed]).toEqual([executed, executed]);
        expect(boltOf(figures).acked + boltOf(figures).failed).toBe(executed);
        expect(figures.reasons()).toEqual(
          executed === boltOf(figures).acked ? [] : [['bad', boltOf(figures).failed]],
        );
      }),
    );
  });

  test('keep the latencies of the dead', () => {
    const figures = new Figures(placement, new Map());
    const life = new Life(NONE);
    life.work(5, 0);
    life.tell(figures, 0);
    const { latencyMs } = spoutOf(figures);
    figures.retire(0);
    expect(spoutOf(figures).latencyMs).toEqual(latencyMs);
    expect(spoutOf(figures).executed).toBe(5);
    expect(latencyMs.p50).toBeCloseTo(1, 1);
    expect(boltOf(figures).latencyMs).toEqual({ p50: null, p99: null });
  });

  test('name the most frequent reason first', () => {
    const figures = new Figures(placement, new Map());
    const dead = (...reasons: [string, number][]): WorkerReport => ({
      counters: [],
      reasons,
      own: [],
      load: IDLE,
    });
    figures.update(0, dead(['a', 2], ['b', 2]));
    figures.update(1, dead(['b', 1], ['c', 1]));
    expect(figures.reasons()).toEqual([
      ['b', 3],
      ['a', 2],
      ['c', 1],
    ]);
  });

  test("add up what components count of their own, over workers and lives, and forget a dead worker's gauges", () => {
    const figures = new Figures(placement, new Map());
    const told = (worker: number, drops: number): void => {
      const life = new Life(NONE);
      const { counter, gauge } = life.own.of('spout');
      counter('drops_total', 'Dropped.', { port: '1' }).add(drops);
      gauge('lag', 'Lag.').set(9);
      life.tell(figures, worker);
    };
    told(0, 1);
    told(0, 2);
    told(1, 40);
    figures.retire(0);
    told(0, 300);
    figures.retire(0);
    expect(figures.ownCounters()).toEqual([
      expect.objectContaining({ component: 'spout', name: 'drops_total', value: 342 }),
    ]);
  });

  test('know of each worker how long it waited, over its lives, and of a dead one no gauge', () => {
    const figures = new Figures(placement, new Map());
    const life = new Life(NONE);
    life.waitedMs = 10;
    life.own.of('spout').gauge('lag', 'Lag.').set(9);
    life.tell(figures, 1);
    const told = { load: expect.objectContaining({ inFlight: 0 }), gauges: [{ value: 9 }] };
    expect(figures.workers()).toMatchObject([
      { worker: 0, load: null, waitedMs: 0, gauges: [] },
      { worker: 1, waitedMs: 10, ...told },
    ]);
    figures.retire(1);
    expect(figures.workers()[1]).toEqual({ worker: 1, load: null, waitedMs: 10, gauges: [] });
    life.tell(figures, 1);
    expect(figures.workers()[1]).toMatchObject({ waitedMs: 20, ...told });
  });

  test('survive a worker that dies before it said anything', () => {
    const figures = new Figures(placement, new Map());
    figures.retire(1);
    expect(spoutOf(figures)).toMatchObject({ name: 'spout', role: 'spout', tasks: 2, emitted: 0 });
  });
});

test('what receivers counted is added up over all their lives, and what a dead one had set is forgotten', () => {
  const figures = new Figures(placement, new Map());
  const life = (drops: number, buffer: number) => {
    const own = new OwnMetrics();
    own.of('spout').counter('drops_total', 'Lost.').add(drops);
    own.of('spout').gauge('buffer_bytes', 'Room.').set(buffer);
    return own.snapshot();
  };
  figures.received(0, life(1, 10));
  figures.received(0, life(2, 20));
  figures.received(1, life(4, 40));
  figures.retireReceiver(0);
  figures.received(0, life(8, 80));
  figures.retireReceiver(1);
  expect(figures.ownCounters().map(({ value }) => value)).toEqual([14]);
  expect(figures.receiverGauges().map(({ value }) => value)).toEqual([80]);
});
