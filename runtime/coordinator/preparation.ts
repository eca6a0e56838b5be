/** What a run needs of its topology that only the topology's own code can tell. @module */
import type { Built } from '../../topology/plan/build.js';
import type { Plan } from '../../topology/plan/plan.js';
import type { Placement } from '../planner/place.js';
import { assign, type Assigned } from './assign.js';

export interface Preparation {
  readonly plan: Plan;
  /** Its spouts that receive in a process of their own. */
  readonly receivers: readonly string[];
  /** Asks sources what there is to read, and sinks whether they can write. @throws SourceError */
  assign(placement: Placement, stateDir: string): Promise<Assigned>;
}

/** Where the topology is loaded in this process. */
export const preparationOf = (built: Built): Preparation => ({
  plan: built.plan,
  receivers: receiversOf(built),
  assign: (placement, stateDir) => assign(placement, built, stateDir),
});

const receiversOf = ({ components }: Built): string[] =>
  [...components].flatMap(([name, declared]) =>
    declared.role === 'spout' && declared.component.receive !== undefined ? [name] : [],
  );
