/**
 * Which task has which keys.
 *
 * A key belongs to one of 1,024 key groups, by its hash, and a table says which task has a group (Flink's key
 * groups). So the number of tasks can change, and only the keys of the groups that change hands move.
 *
 * @module
 */

/** As many as a topology may have tasks of one bolt: more could not share them. */
export const GROUPS = 1024;

/** How the rows of one bolt are shared out. */
export interface Share {
  /** Where each task runs. */
  readonly taskWorkers: readonly number[];
  /** The task of each key group; empty for a bolt whose rows are not grouped by key. */
  readonly groups: readonly number[];
}

/** By component. What is missing is as the plan has it. */
export type Shares = { readonly [component: string]: Share };

/** Groups that one task hands over to another. */
export interface GroupMove {
  readonly from: number;
  readonly to: number;
  /** Ascending. */
  readonly groups: readonly number[];
}

/** A range of neighbours for each task: what a bolt begins with. */
export const evenGroups = (tasks: number): number[] =>
  Array.from({ length: GROUPS }, (_, group) => Math.floor((group * tasks) / GROUPS));

/** The same table for another number of tasks: even within one group, and with as few groups moved as can be. */
export function regrouped(groups: readonly number[], tasks: number): number[] {
  const owned = groupsOf(groups, tasks);
  const least = Math.floor(GROUPS / tasks);
  // One more than the least goes to those who have the most, as it is theirs already.
  const most = [...owned.keys()].sort((a, b) => owned[b]!.length - owned[a]!.length || a - b);
  const more = new Set(most.slice(0, GROUPS % tasks));
  const wanted = owned.map((_, task) => least + (more.has(task) ? 1 : 0));
  const free = groups.flatMap((task, group) => (task >= tasks ? [group] : []));
  for (const [task, own] of owned.entries()) free.push(...own.splice(wanted[task]!));
  free.sort((a, b) => a - b);
  const after = [...groups];
  for (const [task, own] of owned.entries())
    for (const group of free.splice(0, wanted[task]! - own.length)) after[group] = task;
  return after;
}

/** What changes hands between two tables, by giver and taker. */
export function movesBetween(before: readonly number[], after: readonly number[]): GroupMove[] {
  const moves = new Map<string, { from: number; to: number; groups: number[] }>();
  for (const [group, to] of after.entries()) {
    const from = before[group]!;
    if (from === to) continue;
    const key = `${from} ${to}`;
    const move = moves.get(key) ?? { from, to, groups: [] };
    moves.set(key, move);
    move.groups.push(group);
  }
  return [...moves.values()].sort((a, b) => a.from - b.from || a.to - b.to);
}

/** Neighbouring groups as ranges, both ends included: for people. */
export function rangesOf(groups: readonly number[]): [first: number, last: number][] {
  const ranges: [number, number][] = [];
  for (const group of groups) {
    const range = ranges.at(-1);
    if (range?.[1] === group - 1) range[1] = group;
    else ranges.push([group, group]);
  }
  return ranges;
}

function groupsOf(groups: readonly number[], tasks: number): number[][] {
  const owned = Array.from({ length: tasks }, (): number[] => []);
  for (const [group, task] of groups.entries()) owned[task]?.push(group);
  return owned;
}
