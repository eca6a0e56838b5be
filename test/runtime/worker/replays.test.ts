import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { VirtualClock } from '../../../runtime/clock.js';
import { Replays, type Replay } from '../../../runtime/worker/replays.js';

const replay = (index: number, attempts: number): Replay => ({
  index,
  attempts,
  tracked: null!,
  single: null!,
});

test('each message is taken once, at its time or as soon after it as it is asked for, and the timer is never late', () => {
  const step = fc.record({
    attempts: fc.option(fc.integer({ min: 1, max: 9 })),
    ms: fc.nat(300),
    max: fc.nat(3),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const clock = new VirtualClock();
      let called = false;
      const replays = new Replays(clock, () => (called = true));
      const dueMs: number[] = [];
      const taken = new Set<number>();
      const take = (max: number): void => {
        for (const { index } of replays.take(clock.monotonicMs(), max)) {
          expect(dueMs[index]!).toBeLessThanOrEqual(clock.monotonicMs());
          expect(taken.has(index)).toBe(false);
          taken.add(index);
        }
      };
      const overdue = (): number =>
        dueMs.filter((ms, i) => !taken.has(i) && ms <= clock.monotonicMs()).length;
      for (const { attempts, ms, max } of steps) {
        if (attempts !== null) {
          replays.add(replay(dueMs.length, attempts), clock.monotonicMs());
          dueMs.push(clock.monotonicMs() + Math.min(100 * 2 ** (attempts - 1), 10_000));
        }
        called = false;
        const before = overdue();
        clock.advance(ms);
        if (overdue() > before) expect(called).toBe(true);
        const waiting = overdue();
        const size = taken.size;
        take(max);
        expect(taken.size - size).toBe(Math.min(max, waiting));
      }
      clock.advance(10_000);
      take(Infinity);
      expect(taken.size).toBe(dueMs.length);
    }),
  );
});
