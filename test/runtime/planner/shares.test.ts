import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  evenGroups,
  GROUPS,
  movesBetween,
  rangesOf,
  regrouped,
} from '../../../runtime/planner/shares.js';

const tasks = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: GROUPS }));
/** Numbers of tasks that a bolt has one after the other. */
const history = fc.array(tasks, { minLength: 1, maxLength: 8 });

const counts = (groups: readonly number[], length: number): number[] =>
  Array.from({ length }, (_, task) => groups.filter((each) => each === task).length);

function expectEven(groups: readonly number[], tasks: number): void {
  const owned = counts(groups, tasks);
  expect(groups.length).toBe(GROUPS);
  expect(owned.reduce((sum, count) => sum + count, 0)).toBe(GROUPS);
  expect(Math.max(...owned) - Math.min(...owned)).toBeLessThanOrEqual(1);
}

describe('key groups', () => {
  test('are dealt out evenly, in ranges', () => {
    for (let tasks = 1; tasks <= GROUPS; tasks += tasks < 40 ? 1 : 37) {
      const groups = evenGroups(tasks);
      expectEven(groups, tasks);
      expect(groups).toEqual([...groups].sort((a, b) => a - b));
    }
  });

  test('are even within one after every change, and no more change hands than must', () => {
    fc.assert(
      fc.property(history, ([first, ...rest]) => {
        let groups = evenGroups(first!);
        for (const tasks of rest) {
          const before = counts(groups, GROUPS);
          const after = regrouped(groups, tasks);
          expectEven(after, tasks);
          // A task can keep `least`, and as many as have more than that can keep one more, while there is one.
          const least = Math.floor(GROUPS / tasks);
          const own = before.slice(0, tasks);
          const kept =
            own.reduce((sum, count) => sum + Math.min(count, least), 0) +
            Math.min(GROUPS % tasks, own.filter((count) => count > least).length);
          expect(after.filter((task, group) => task !== groups[group]).length).toBe(GROUPS - kept);
          groups = after;
        }
      }),
    );
  });

  test('that change hands are listed by giver and taker, each once', () => {
    fc.assert(
      fc.property(tasks, tasks, (from, to) => {
        const before = evenGroups(from);
        const after = regrouped(before, to);
        const moved = [...before];
        for (const move of movesBetween(before, after)) {
          expect(move.from).not.toBe(move.to);
          for (const group of move.groups) {
            expect(moved[group]).toBe(move.from);
            moved[group] = move.to;
          }
        }
        expect(moved).toEqual(after);
      }),
    );
  });

  test('are shown as ranges', () => {
    expect(rangesOf([])).toEqual([]);
    expect(rangesOf([0, 1, 2, 7, 9, 10])).toEqual([
      [0, 2],
      [7, 7],
      [9, 10],
    ]);
  });

  test('stay where they are when the number of tasks does', () => {
    expect(movesBetween(evenGroups(7), regrouped(evenGroups(7), 7))).toEqual([]);
  });
});
