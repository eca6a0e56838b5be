import { expect, test } from '@jest/globals';
import { blockedMsOf, lookPeriodMs, Standstill } from '../../../runtime/worker/standstill.js';

/** How many looks it takes until it is blocked; at most 100. */
function looks(each: (look: number) => [beats: number, visits: number | undefined]): number {
  const standstill = new Standstill();
  for (let look = 1; look <= 100; look++) if (standstill.look(...each(look))) return look;
  return 100;
}

test('a loop that neither turns nor begins anything is blocked, when it has been so for its time', () => {
  const periodMs = lookPeriodMs(blockedMsOf(30_000));
  // Asked from the second look on.
  const count = looks((look) => [7, look === 1 ? undefined : 1000]);
  expect((count - 1) * periodMs).toBeLessThanOrEqual(30_000);
  expect((count - 1) * periodMs).toBeGreaterThan(25_000);
});

test('a loop that does not answer is blocked as well', () => {
  expect(looks(() => [7, undefined])).toBe(11);
});

test('a loop that turns is not blocked, nor is one in which slow rows follow each other in one turn', () => {
  expect(looks((look) => [look, undefined])).toBe(100);
  expect(looks((look) => [7, 1000 + Math.floor(look / 8)])).toBe(100);
});

test('the limit is 30 s, or the time of a message if that is shorter, but never one that a garbage collection may take', () => {
  expect([60_000, 30_000, 12_000, 100].map(blockedMsOf)).toEqual([30_000, 30_000, 12_000, 5000]);
});
