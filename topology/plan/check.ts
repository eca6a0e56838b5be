/** Everything that is checked of a plan, in the order in which it is asked. @module */
import {
  badGroupings,
  notInts,
  unknownFields,
  wrongGroupings,
  unlikeInputs,
  wrongTypes,
} from './checks/fields.js';
import { badNames, badTasks, badWorkers, duplicateNames, noSpout } from './checks/nodes.js';
import { badLineage, personalData } from './checks/privacy.js';
import {
  cycles,
  discardedForNoReason,
  missingInputs,
  readAndDiscarded,
  unknownNodes,
  unknownStreams,
  unreadStreams,
} from './checks/streams.js';
import type { Plan } from './plan.js';
import { TopologyError, type TopologyErrorCode } from './topology-error.js';

/**
 * Refuses a plan that cannot run right. Reads the plan alone, so it holds wherever the plan came from.
 *
 * @throws TopologyError with all problems of the first kind found
 */
export function check(plan: Omit<Plan, 'hash'>): void {
  for (const [code, problemsOf] of CHECKS) {
    const problems = problemsOf(plan as Plan);
    if (problems.length > 0) throw new TopologyError(code, plan.name, problems);
  }
}

/** Each may rely on what those above it refuse. */
const CHECKS: readonly (readonly [TopologyErrorCode, (plan: Plan) => string[]])[] = [
  ['bad-name', badNames],
  ['duplicate-name', duplicateNames],
  ['no-spout', noSpout],
  ['bad-tasks', badTasks],
  ['bad-worker', badWorkers],
  ['missing-input', missingInputs],
  ['unknown-node', unknownNodes],
  ['unknown-stream', unknownStreams],
  ['cycle', cycles],
  ['unread-stream', unreadStreams],
  ['read-and-discarded', readAndDiscarded],
  ['no-reason', discardedForNoReason],
  ['unknown-field', unknownFields],
  ['bad-grouping', badGroupings],
  ['wrong-type', wrongTypes],
  ['not-int', notInts],
  ['wrong-grouping', wrongGroupings],
  ['bad-lineage', badLineage],
  ['personal-data', personalData],
  ['wrong-type', unlikeInputs],
];
