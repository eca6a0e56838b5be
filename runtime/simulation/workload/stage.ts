/** What the components of a simulated run have around them, which is more than real ones have. @module */
import type { Oracle } from '../oracle.js';
import type { Process } from '../machine/process.js';
import type { Chance } from '../machine/random.js';

export interface Stage {
  readonly chance: Chance;
  readonly oracle: Oracle;
  /** By partition: how many messages there are for it. */
  readonly limits: Map<string, number>;
  /** Time between two messages of a partition. */
  readonly gapMs: number;
  readonly bodyLength: number;
  /** Components fail and stay silent, as the tempers of messages say. */
  readonly moody: boolean;
  nowMs(): number;
  processOf(worker: number): Process;
}

/** The run at hand: there is one at a time, as topologies are built once for many. */
let current: Stage | null = null;

export const stage = (): Stage => current!;

export function setStage(stage: Stage): void {
  current = stage;
}
