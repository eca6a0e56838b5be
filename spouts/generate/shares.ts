/**
 * Who generates which lines, as positions say it: a line's position is its index.
 *
 * @module
 */
import type { Positions } from '../../topology/dsl/spout.js';

/** Lines first, first + step, … below `end`; null = without end. */
export interface Share {
  readonly partition: string;
  readonly first: number;
  readonly step: number;
  readonly end: number | null;
}

/**
 * Lines [0, lines) in one run after the other: what earlier runs have left, in `tasks` equal parts.
 * A partition is named after its range, so that the next run knows what is done even with another number of tasks.
 */
export function finiteShares(
  name: string,
  lines: number,
  tasks: number,
  committed: Positions,
): Share[][] {
  const left = remaining(name, lines, committed);
  const total = left.reduce((sum, [first, end]) => sum + end - first, 0);
  const shares: Share[][] = Array.from({ length: tasks }, () => []);
  let taken = 0;
  for (const [first, end] of left) {
    for (let at = first; at < end;) {
      const task = Math.floor((taken * tasks) / total);
      const room = Math.ceil(((task + 1) * total) / tasks) - taken;
      const last = Math.min(end, at + room);
      shares[task]!.push({
        partition: `${name}, lines ${at}-${last}`,
        first: at,
        step: 1,
        end: last,
      });
      taken += last - at;
      at = last;
    }
  }
  return shares;
}

/** Every `tasks`-th line each, from the highest position that an earlier run committed. */
export function endlessShares(name: string, tasks: number, committed: Positions): Share[][] {
  const own = [...committed].filter(([partition]) => partition.startsWith(`${name}, task `));
  const start = Math.max(0, ...own.map(([, position]) => position));
  return Array.from({ length: tasks }, (_, task) => [
    { partition: `${name}, task ${task}`, first: start + task, step: tasks, end: null },
  ]);
}

/** The ranges of [0, lines) that no run has committed, in order. */
function remaining(
  name: string,
  lines: number,
  committed: Positions,
): [first: number, end: number][] {
  const done = [...committed]
    .filter(([partition]) => partition.startsWith(`${name}, lines `))
    .map(([partition, position]): [number, number] => [
      Number(/(\d+)-\d+$/.exec(partition)![1]),
      position,
    ])
    .sort(([a], [b]) => a - b);
  const left: [number, number][] = [];
  let at = 0;
  for (const [first, position] of done) {
    if (first > at) left.push([at, Math.min(first, lines)]);
    at = Math.max(at, position);
  }
  left.push([at, lines]);
  return left.filter(([first, end]) => first < end);
}
