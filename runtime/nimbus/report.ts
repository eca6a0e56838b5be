/** What a supervisor says of a topology, as JSON, about once a second. Never a row. @module */
import type { ComponentFigures } from '../coordinator/figures.js';
import type { Reasons } from '../coordinator/protocol.js';
import type { Histogram } from '../metrics/histogram.js';
import type { WorkerLoad } from '../metrics/load.js';
import type { OwnMetric } from '../metrics/own-metrics.js';
import type { Placement } from '../planner/place.js';
import type { TopologyState } from './status.js';

export interface TopologyReport {
  readonly name: string;
  readonly state: TopologyState;
  /** Why it failed, or what it waits for. */
  readonly reason: string | null;
  /** The generation that its processes follow. */
  readonly reached: number;
  readonly restarts: number;
  readonly placement: Placement;
  /** In the order of the placement, as are `open`. */
  readonly components: readonly ReportedComponent[];
  readonly workers: readonly ReportedWorker[];
  /** By component: rows that it has taken and that are not done. */
  readonly open: readonly number[];
  /** Why messages became dead letters, the most frequent first. */
  readonly reasons: Reasons;
  /** What components count of their own; a gauge with the worker that has set it. */
  readonly own: readonly (OwnMetric & { readonly worker?: number })[];
  /** Milliseconds since some moment of the supervisor's life. */
  readonly atMs: number;
}

/** Since the topology was submitted. */
export interface ReportedComponent extends Omit<ComponentFigures, 'latency' | 'latencyMs'> {
  readonly latency: LatencyCounts;
}

/** `Histogram.toJSON` */
export type LatencyCounts = ReturnType<Histogram['toJSON']>;

export interface ReportedWorker {
  readonly worker: number;
  /** Null while it is dead. */
  readonly pid: number | null;
  /** Null while it is dead, or has not said anything yet. */
  readonly load: WorkerLoad | null;
  /** How long its spouts were kept from emitting, in all its lives. */
  readonly waitedMs: number;
}
