/**
 * Which task has which keys when a run begins: as the run before left it, or dealt anew when the plan or the number
 * of workers asks for another number of tasks. Then what the tasks remember is moved first; nothing runs yet.
 *
 * @module
 */
import type { Plan } from '../../topology/plan/plan.js';
import { place, taskWorkers } from '../planner/place.js';
import { movesBetween, regrouped, type Shares } from '../planner/shares.js';
import { taskFolder } from '../state/folder.js';
import { GroupJournal } from '../state/group-journal.js';
import { SourceError, stateSizes } from './assign.js';
import { takeOver } from '../state/take-over.js';
import { readShares, storeShares, type KeptShare } from '../state/kept-shares.js';

export interface FirstShares {
  readonly kept: { readonly [component: string]: KeptShare };
  readonly shares: Shares;
}

export async function firstShares(
  plan: Plan,
  workers: number,
  stateDir: string,
): Promise<FirstShares> {
  const before = await readShares(stateDir);
  const kept: Record<string, KeptShare> = {};
  const shares: Record<string, Shares[string]> = {};
  for (const [i, placed] of place(plan, workers).nodes.entries()) {
    const { name, node } = placed;
    const planned = placed.taskWorkers.length;
    const keyed = node.remembers === 'keyed';
    let share = before[name];
    if (share === undefined && keyed) await refuseUnshared(stateDir, name);
    if (share === undefined && keyed) share = { planned, tasks: planned, groups: placed.groups };
    if (share === undefined || node.role !== 'bolt') continue;
    if (share.planned !== planned && !keyed) continue;
    if (share.planned !== planned) share = await dealtAnew(stateDir, name, share, planned);
    kept[name] = share;
    shares[name] = {
      taskWorkers: taskWorkers(node, i, workers, share.tasks),
      groups: share.groups,
    };
  }
  await storeShares(stateDir, kept);
  return { kept, shares };
}

/** What is there without a table is of a time when keys had none. */
async function refuseUnshared(stateDir: string, component: string): Promise<void> {
  const sizes = await stateSizes(stateDir, component);
  if (sizes.every((bytes) => bytes === 0)) return;
  const problem = `the state folder ${stateDir} holds state that does not say which keys it is of, as an earlier version kept it, or as "${component}" did before it declared remembers: 'keyed'.`;
  throw new SourceError(
    component,
    new Error(`${problem} Finish that run with what began it, or give another --state.`),
  );
}

async function dealtAnew(
  stateDir: string,
  component: string,
  { groups: before }: KeptShare,
  tasks: number,
): Promise<KeptShare> {
  const groups = regrouped(before, tasks);
  const moves = movesBetween(before, groups);
  const folder = (task: number): string => taskFolder(stateDir, component, task);
  for (const to of new Set(moves.map((move) => move.to))) {
    const state = await GroupJournal.open(folder(to));
    state.keep((group) => before[group] === to);
    const given = moves.filter((move) => move.to === to);
    await takeOver(state, given, (from) => GroupJournal.read(folder(from)));
    await state.close();
  }
  return { planned: tasks, tasks, groups };
}
