import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { durationMs } from '../../../topology/dsl/duration.js';

describe('a duration', () => {
  test.each([
    [250, 250],
    [0, 0],
    ['250', 250],
    ['0', 0],
    ['250ms', 250],
    ['10s', 10_000],
    ['1m', 60_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
    [' 10 s ', 10_000],
    ['0.4ms', 0],
  ])('%j is %d ms', (duration, ms) => {
    expect(durationMs(duration)).toBe(ms);
  });

  test.each([
    '',
    '1e3',
    '-10',
    's',
    '-1s',
    '1 minute',
    '1m30s',
    '1e3s',
    '.5s',
    '10S',
    -1,
    NaN,
    Infinity,
    '9999999999999d',
  ])('%j is refused with the forms that are taken', (duration) => {
    expect(() => durationMs(duration)).toThrow(/is not a duration.*ms, s, m, h, d.*"10s"/);
  });

  test('of a whole number of units is that many units', () => {
    const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.constantFrom(...Object.entries(units)), (n, [unit, ms]) => {
        expect(durationMs(`${n}${unit}`)).toBe(n * ms);
      }),
    );
  });
});
