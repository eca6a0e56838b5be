import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { endlessShares, finiteShares, type Share } from '../../../spouts/generate/shares.js';

const size = (shares: readonly Share[]): number =>
  shares.reduce((sum, { first, end }) => sum + end! - first, 0);
const indexes = (shares: readonly Share[]): number[] =>
  shares.flatMap(({ first, end }) => Array.from({ length: end! - first }, (_, i) => first + i));

test('every line is done once, over any number of runs with any numbers of tasks', () => {
  const runs = fc.array(
    fc.tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.nat(100), { minLength: 1, maxLength: 20 }),
    ),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(fc.nat(300), runs, fc.integer({ min: 1, max: 5 }), (lines, earlier, tasks) => {
      const committed = new Map<string, number>([['seed 2, lines 0-9', 9]]);
      const done: number[] = [];
      for (const [count, progress] of earlier) {
        for (const [i, share] of finiteShares('seed 1', lines, count, committed).flat().entries()) {
          const position = Math.min(share.end!, share.first + progress[i % progress.length]!);
          done.push(...indexes([{ ...share, end: position }]));
          if (position > share.first) committed.set(share.partition, position);
        }
      }
      const shares = finiteShares('seed 1', lines, tasks, committed);
      const all = [...done, ...indexes(shares.flat())].sort((a, b) => a - b);
      expect(all).toEqual(Array.from({ length: lines }, (_, i) => i));
      expect(Math.max(...shares.map(size)) - Math.min(...shares.map(size))).toBeLessThanOrEqual(1);
    }),
  );
});

test('without an end, tasks go on from the highest position of any', () => {
  const committed = new Map([
    ['seed 1, task 0', 8],
    ['seed 1, task 1', 13],
    ['seed 2, task 0', 99],
  ]);
  expect(endlessShares('seed 1', 2, committed)).toEqual([
    [{ partition: 'seed 1, task 0', first: 13, step: 2, end: null }],
    [{ partition: 'seed 1, task 1', first: 14, step: 2, end: null }],
  ]);
});
