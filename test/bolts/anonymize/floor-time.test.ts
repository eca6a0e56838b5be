import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { floorTime } from '../../../bolts/anonymize/index.js';
import type { Duration } from '../../../topology/dsl/duration.js';

const floored = (period: Duration) => floorTime(period).compile({ name: 'dt', nullable: true });

test('floorTime goes back to the begin of the period, in UTC', () => {
  const time = Date.parse('2026-11-21T10:05:43.210Z');
  const begins = (['1m', '1h', '1d', 1000] as const).map((period) =>
    new Date(floored(period)(time)!).toISOString(),
  );
  expect(begins).toEqual([
    '2026-11-21T10:05:00.000Z',
    '2026-11-21T10:00:00.000Z',
    '2026-11-21T00:00:00.000Z',
    '2026-11-21T10:05:43.000Z',
  ]);
  expect(floored('1h')(null)).toBe(null);
});

test('floorTime never goes forward nor by a whole period, also before 1970', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e12, max: 1e13 }),
      fc.integer({ min: 1, max: 1e9 }),
      (time, period) => {
        const begin = floored(period)(time)!;
        expect(begin <= time && time < begin + period && begin % period === 0).toBe(true);
      },
    ),
  );
});

test('floorTime refuses what is no period', () => {
  expect(() => floorTime(0)).toThrow('longer than 0 ms');
  expect(() => floorTime('1 fortnight' as Duration)).toThrow('is not a duration');
});
