/** What nimbus wants the supervisor to keep running. Plain JSON: it crosses the socket, and lies in both their folders. @module */
import type { Plan } from '../../topology/plan/plan.js';
import type { TopologySource } from '../coordinator/protocol.js';

/** What processes are started with. */
export interface Version {
  readonly source: TopologySource;
  readonly parameters: { readonly [name: string]: unknown };
  readonly plan: Plan;
  /** Its spouts that receive in a process of their own. */
  readonly receivers: readonly string[];
  /** Where relative paths of its parameters begin. */
  readonly directory: string;
  readonly workers: number;
  readonly maxAttempts: number;
  readonly messageTimeoutMs: number;
  readonly workerMemoryMb?: number;
}

export interface Desired {
  readonly name: string;
  /** Grows with each change that an operator makes. */
  readonly generation: number;
  /** Grows each time it is to begin: one that has ended begins again only when this has grown. */
  readonly starts: number;
  /** One that is to be killed is not there any more. */
  readonly target: 'running' | 'paused' | 'drained';
  readonly version: Version;
  /** Of bolts that have another number of tasks than the plan gives them. */
  readonly tasks: { readonly [bolt: string]: number };
  /** What is gone back to when this version fails as soon as it is there. */
  readonly fallback?: Version;
  /** Why the last upgrade was taken back; null when it was not. */
  readonly takenBack: string | null;
  /** ISO 8601. */
  readonly submittedAt: string;
}

/** Everything that is to run. */
export interface Assignment {
  /** Of the nimbus that wants it: what an earlier one wants does not count any more. */
  readonly epoch: number;
  readonly topologies: readonly Desired[];
}

/** How the processes of a topology ended, and which of its starts that was. */
export interface Ended {
  /** When what ended was submitted: another of its name is another. */
  readonly submittedAt: string;
  readonly starts: number;
  readonly outcome: 'completed' | 'drained' | 'failed';
  readonly error: string | null;
}
