/** What the supervisor tells nimbus of one topology, about once a second. Plain JSON. @module */
import type { ComponentFigures } from '../coordinator/figures.js';
import type { Reasons } from '../coordinator/protocol.js';
import type { WorkerLoad } from '../metrics/load.js';
import type { OwnMetric } from '../metrics/own-metrics.js';
import type { Placement } from '../planner/place.js';
import type { TopologyState } from './status.js';

export interface Report {
  readonly name: string;
  readonly state: TopologyState;
  readonly reason: string | null;
  /** The generation that its processes follow. */
  readonly reached: number;
  /** How the first half minute of an upgrade went: `why` it failed, so that the version before runs on, or null. */
  readonly trial: { readonly generation: number; readonly why: string | null } | null;
  readonly restarts: number;
  /** Null before it has had processes; after their end, without workers. */
  readonly figures: ReportedFigures | null;
  /** Monotonic, milliseconds. */
  readonly atMs: number;
}

export interface ReportedFigures {
  readonly placement: Placement;
  readonly components: readonly ReportedComponent[];
  readonly workers: readonly ReportedWorker[];
  /** Why messages became dead letters. */
  readonly reasons: Reasons;
  /** What components count and set of their own. */
  readonly own: readonly ReportedMetric[];
}

/** A gauge is that of one worker, unless a receiver has set it. */
export type ReportedMetric = OwnMetric & { readonly worker?: number };

/** As `Histogram.toJSON` has it. */
export type LatencyCounts = readonly (readonly [number, number])[];

export interface ReportedComponent extends Omit<ComponentFigures, 'latency' | 'latencyMs'> {
  readonly latency: LatencyCounts;
  /** Rows that it has taken and that are not done. */
  readonly open: number;
}

export interface ReportedWorker {
  readonly worker: number;
  readonly pid: number | null;
  readonly load: WorkerLoad | null;
  readonly waitedMs: number;
}
