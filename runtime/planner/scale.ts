/**
 * What it takes to give a bolt another number of tasks while it runs: who hands what over to whom, and who waits.
 *
 * @module
 */
import type { PlacedNode, Placement } from './place.js';
import { GROUPS, movesBetween, regrouped, type GroupMove, type Share } from './shares.js';

export interface ScalePlan {
  readonly component: string;
  readonly before: Share;
  readonly after: Share;
  /** Key groups that change hands; none for a bolt whose rows are dealt out in turn. */
  readonly moves: readonly GroupMove[];
  /** The tasks that begin, end, give or take: their keys wait until it is over, and no others. */
  readonly tasks: readonly number[];
  /** What the tasks remember goes over with the keys. */
  readonly keyed: boolean;
}

/** A bolt cannot have that many tasks, or not while it runs: nothing was begun. */
export class ScaleRefused extends Error {
  override readonly name = 'ScaleRefused';
}

/** @throws ScaleRefused with what to do instead */
export function planScale(placement: Placement, component: string, tasks: number): ScalePlan {
  const index = placement.nodes.findIndex(({ name }) => name === component);
  const node = placement.nodes[index];
  if (node === undefined) throw new ScaleRefused(`There is no bolt "${component}".`);
  if (!Number.isInteger(tasks) || tasks < 1 || tasks > GROUPS)
    throw new ScaleRefused(`"${component}" cannot have ${tasks} tasks: give 1 to ${GROUPS}.`);
  const reason = refusal(placement, index, node);
  if (reason !== null) throw new ScaleRefused(`"${component}" cannot be scaled: ${reason}`);
  const { taskWorkers, groups } = node;
  const before: Share = { taskWorkers, groups };
  const after: Share = {
    taskWorkers: spread(node, tasks, placement.workers),
    groups: groups.length === 0 ? [] : regrouped(groups, tasks),
  };
  const moves = movesBetween(before.groups, after.groups);
  const [fewer, more] = [taskWorkers.length, tasks].sort((a, b) => a - b) as [number, number];
  const changing = Array.from({ length: more - fewer }, (_, i) => fewer + i);
  const involved = new Set([...changing, ...moves.flatMap(({ from, to }) => [from, to])]);
  return {
    component,
    before,
    after,
    moves,
    tasks: [...involved].sort((a, b) => a - b),
    keyed: node.node.remembers === 'keyed',
  };
}

function refusal({ edges }: Placement, index: number, { node }: PlacedNode): string | null {
  if (node.role !== 'bolt')
    return `it is a ${node.role}, and only bolts can change while they run.`;
  const inputs = edges.filter(({ to }) => to === index);
  if (inputs.some(({ fused }) => fused))
    return 'it has tasks in every worker that its rows come from, so that they stay there. Scale the workers instead.';
  const hows = new Set(inputs.map(({ grouping }) => grouping.how));
  if (hows.has('global')) return 'all of its rows go to one task. Group them by a key.';
  if (hows.size > 1 || !(hows.has('by') || hows.has('shuffle')))
    return `its rows are dealt out by ${[...hows].join(' and ')}. Only a bolt whose inputs are all by key, or all by shuffle, can.`;
  if (node.remembers === undefined)
    return "it does not say what its tasks remember. Declare remembers: 'keyed' and keep it in context.keyedState(), or remembers: 'nothing'.";
  return null;
}

/** Tasks stay where they are; new ones go where there are fewest. */
function spread({ taskWorkers, node }: PlacedNode, tasks: number, workers: number): number[] {
  const placed = taskWorkers.slice(0, tasks);
  const counts = Array.from(
    { length: workers },
    (_, worker) => placed.filter((each) => each === worker).length,
  );
  while (placed.length < tasks) {
    const fewest = counts.indexOf(Math.min(...counts));
    const worker = node.worker === undefined ? fewest : node.worker % workers;
    placed.push(worker);
    counts[worker]!++;
  }
  return placed;
}
