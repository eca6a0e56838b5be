/**
 * Deals files out to tasks, balanced by bytes: what is indivisible first, the heaviest to the task
 * with the least (LPT, Graham 1969), then the plain files, cut wherever a task has its fill.
 *
 * @module
 */
import type { Range } from './ranges.js';

/** Something to read: a range of a plain file, or a whole one that cannot be divided. */
export interface Weighed<T> {
  readonly weight: number;
  readonly item: T;
}

/** One list of pieces per task. Every byte of `ranges` is in exactly one; of `wholes`, each is. */
export function divide<R extends Range, W>(
  ranges: readonly R[],
  wholes: readonly Weighed<W>[],
  tasks: number,
): (R | W)[][] {
  const shares: (R | W)[][] = Array.from({ length: tasks }, () => []);
  const loads = new Array<number>(tasks).fill(0);
  for (const { weight, item } of [...wholes].sort((a, b) => b.weight - a.weight)) {
    const task = loads.indexOf(Math.min(...loads));
    shares[task]!.push(item);
    loads[task] += weight;
  }
  fill(shares, loads, ranges);
  return shares;
}

function fill<R extends Range>(
  shares: unknown[][],
  loads: readonly number[],
  ranges: readonly R[],
): void {
  const level = waterLevel(
    loads,
    ranges.reduce((sum, { from, end }) => sum + end - from, 0),
  );
  const left = [...ranges];
  for (const [task, load] of loads.entries()) {
    // Rounded up, so that nothing is left behind the last task.
    for (let room = Math.ceil(level - load); room > 0 && left.length > 0;) {
      const range = left.shift()!;
      const end = Math.min(range.end, range.from + room);
      shares[task]!.push({ ...range, end });
      if (end < range.end) left.unshift({ ...range, start: end, from: end });
      room -= end - range.from;
    }
  }
}

/** How high `bytes` stand when they are poured over the loads. */
function waterLevel(loads: readonly number[], bytes: number): number {
  const sorted = [...loads].sort((a, b) => a - b);
  let sum = bytes;
  for (const [i, load] of sorted.entries()) {
    sum += load;
    const level = sum / (i + 1);
    if (i + 1 === sorted.length || level <= sorted[i + 1]!) return level;
  }
  return 0;
}
