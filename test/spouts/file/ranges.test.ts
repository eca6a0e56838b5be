import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { divide } from '../../../spouts/file/divide.js';
import { isCut, rangeName, remaining, type Done, type Range } from '../../../spouts/file/ranges.js';

const SIZE = 60;
const stretch = fc
  .tuple(fc.nat(SIZE), fc.nat(SIZE))
  .map(([a, b]): Done => ({ start: Math.min(a, b), end: Math.max(a, b) + 1 }));
const stretches = fc.array(stretch, { maxLength: 8 });

test('every byte is either done or left, and left in one range only', () => {
  fc.assert(
    fc.property(stretches, fc.nat(SIZE), (done, size) => {
      const ranges = remaining(done, size);
      for (let at = 0; at < size; at++) {
        const isDone = done.some(({ start, end }) => start <= at && at < end);
        expect(ranges.filter(({ from, end }) => from <= at && at < end)).toHaveLength(
          isDone ? 0 : 1,
        );
      }
      expect(ranges.every(({ from, end }) => from < end && end <= size)).toBe(true);
    }),
  );
});

test('what stands before a range in its name is done', () => {
  fc.assert(
    fc.property(stretches, (done) => {
      for (const { start, from } of remaining(done, SIZE)) {
        for (let at = start; at < from; at++)
          expect(done.some((d) => d.start <= at && at < d.end)).toBe(true);
      }
    }),
  );
});

test('a file that is read on and on keeps one partition', () => {
  expect(remaining([{ start: 0, end: 40 }], Infinity)).toEqual([
    { start: 0, from: 40, end: Infinity },
  ]);
  expect(rangeName({ start: 0, from: 40, end: Infinity })).toBe('0-');
  expect(rangeName({ start: 10, from: 10, end: 20 })).toBe('10-20');
});

test('whatever is committed and however many tasks there are, each byte goes to one task', () => {
  fc.assert(
    fc.property(
      stretches,
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.nat(50), { maxLength: 4 }),
      (done, tasks, weights) => {
        const left = remaining(done, SIZE);
        const wholes = weights.map((weight, i) => ({ weight, item: `gz${i}` }));
        const pieces = divide<Range, string>(left, wholes, tasks).flat();
        const ranges = pieces.filter((piece) => typeof piece !== 'string');
        for (let at = 0; at < SIZE; at++) {
          const inLeft = left.some(({ from, end }) => from <= at && at < end);
          expect(ranges.filter(({ from, end }) => from <= at && at < end)).toHaveLength(
            inLeft ? 1 : 0,
          );
        }
        expect(pieces.filter((piece) => typeof piece === 'string').sort()).toEqual(
          wholes.map(({ item }) => item),
        );
        // Only where a task had its fill is a range cut; elsewhere it goes on at a line that is known.
        expect(ranges.filter(isCut).length).toBeLessThan(tasks);
      },
    ),
  );
});

test('no task gets more than its share of bytes, rounded up, beside what cannot be divided', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 9 }),
      fc.integer({ min: 1, max: 9 }),
      (sizes, tasks) => {
        const ranges = sizes.map((end) => ({ start: 0, from: 0, end }));
        const total = sizes.reduce((a, b) => a + b, 0);
        const loads = divide<Range, never>(ranges, [], tasks).map((share) =>
          share.reduce((sum, { from, end }) => sum + end - from, 0),
        );
        expect(Math.max(...loads)).toBeLessThanOrEqual(Math.ceil(total / tasks));
      },
    ),
  );
});

test('plain bytes go to the tasks that have no gzip file', () => {
  const shares = divide([{ start: 0, from: 0, end: 100 }], [{ weight: 1000, item: 'gz' }], 3);
  expect(shares).toEqual([
    ['gz'],
    [{ start: 0, from: 0, end: 50 }],
    [{ start: 50, from: 50, end: 100 }],
  ]);
});
