import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bytes,
  count,
  milliseconds,
  percent,
  rate,
  several,
  span,
} from '../../../dashboard/figures/format.js';

describe('rates', () => {
  test.each([
    [0, '0/s'],
    [0.4, '0.40/s'],
    [4, '4/s'],
    [42.25, '42.3/s'],
    [999.4, '999/s'],
    [999.6, '1.00 k/s'],
    [12_345, '12.3 k/s'],
    [999_700, '1.00 M/s'],
    [1_234_567, '1.23 M/s'],
  ])('%p is %s', (value, words) => expect(rate(value)).toBe(words));
});

describe('counts', () => {
  test.each([
    [0, '0'],
    [9999, '9,999'],
    [12_345, '12.3 k'],
    [3e9, '3.00 G'],
    [null, '–'],
  ])('%p is %s', (value, words) => expect(count(value)).toBe(words));
});

describe('durations', () => {
  test.each([
    [0, '0 ms'],
    [0.0062, '6.2 µs'],
    [0.0996, '0.10 ms'],
    [0.41, '0.41 ms'],
    [4.12, '4.1 ms'],
    [9.96, '10 ms'],
    [120.4, '120 ms'],
    [999.7, '1.0 s'],
    [1234, '1.2 s'],
    [59_970, '59 s'],
    [125_000, '2 min 5 s'],
    [null, '–'],
  ])('%p is %s', (value, words) => expect(milliseconds(value)).toBe(words));

  test('an age never runs ahead', () => expect(span(59_999)).toBe('59 s'));
  test('hours have minutes', () => expect(span(7_800_000)).toBe('2 h 10 min'));
});

test('ratios, sizes and numbers of things are words, too', () => {
  expect([percent(0.974), bytes(1_234_000), several(1, 'task'), several(4, 'task')]).toEqual([
    '97 %',
    '1.23 MB',
    '1 task',
    '4 tasks',
  ]);
});

test('no figure is wider than its column', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e14, noNaN: true }), (value) => {
      expect(rate(value).length).toBeLessThanOrEqual('12.3 k/s'.length);
      expect(count(value).length).toBeLessThanOrEqual('12.3 k'.length);
    }),
  );
});
