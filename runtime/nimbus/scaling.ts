/** What a scaling would do, said before anything is done; and whether it can be done at all. @module */
import { stateSizes } from '../coordinator/assign.js';
import { expectedPauseMs } from '../coordinator/expected-pause.js';
import { place, type Placement } from '../planner/place.js';
import { planScale, ScaleRefused, type ScalePlan } from '../planner/scale.js';
import { rangesOf } from '../planner/shares.js';
import type { Desired } from '../supervisor/desired.js';
import { Refused, type ScaleRequest, type ScaleResult } from './operations.js';

type Change = ScaleResult['changes'][number];

/**
 * @param placement where its tasks are now
 * @throws Refused, with what to do instead
 */
export async function planScaling(
  { version: { plan, workers: before } }: Desired,
  placement: Placement,
  stateDir: string,
  { tasks, workers = before }: ScaleRequest,
): Promise<Change[]> {
  const changes: Change[] = [];
  if (workers !== before) {
    await refuseStateByTask(place(plan, before), place(plan, workers), stateDir);
    changes.push({ component: null, from: before, to: workers, moves: [], pause: RESTART });
  }
  for (const [component, to] of Object.entries(tasks)) {
    const planned = scalePlanOf(placement, component, to);
    const from = planned.before.taskWorkers.length;
    if (from === to) continue;
    const pauseMs = await expectedPauseMs(stateDir, planned);
    const pause =
      pauseMs === 0 ? 'none' : `about ${pauseMs} ms, for the keys of the tasks that change only`;
    changes.push({ component, from, to, moves: movesOf(planned), pause });
  }
  return changes;
}

const RESTART = 'what is in flight finishes, then all workers begin anew: about a second';

function scalePlanOf(placement: Placement, component: string, tasks: number): ScalePlan {
  try {
    return planScale(placement, component, tasks);
  } catch (error) {
    if (error instanceof ScaleRefused) throw new Refused(422, 'not-scalable', error.message);
    throw error;
  }
}

const movesOf = ({ moves }: ScalePlan): string[] =>
  moves.flatMap(({ from, to, groups }) =>
    rangesOf(groups).map(([first, last]) => `${first}-${last}: ${from} -> ${to}`),
  );

/** What a bolt keeps by task, and not by key, cannot be dealt to another number of them. */
async function refuseStateByTask(
  before: Placement,
  after: Placement,
  stateDir: string,
): Promise<void> {
  for (const [i, { name, node, taskWorkers }] of before.nodes.entries()) {
    if (node.role !== 'bolt' || node.remembers === 'keyed') continue;
    if (after.nodes[i]!.taskWorkers.length === taskWorkers.length) continue;
    const sizes = await stateSizes(stateDir, name);
    if (sizes.some((bytes) => bytes > 0))
      throw new Refused(
        409,
        'state-by-task',
        `"${name}" keeps state by task, and would have ${after.nodes[i]!.taskWorkers.length} of them instead of ${taskWorkers.length}. Give it a fixed number of tasks in the topology, or let it keep its state by key.`,
      );
  }
}
