/** What a run is given, and what becomes of it. @module */
import type { Where } from '../log.js';
import type { OwnMetric } from '../metrics/own-metrics.js';
import type { EngineOptions } from '../worker/ports.js';
import type { ComponentFigures } from './figures.js';
import type { Preparation } from './preparation.js';
import type { TopologySource } from './protocol.js';
import type { AdoptWorker, StartWorker } from './worker-handle.js';

export interface RunRequest {
  readonly topology: Preparation;
  readonly source: TopologySource;
  readonly parameters: unknown;
  readonly workers: number;
  readonly stateDir: string;
  readonly options: Omit<EngineOptions, 'worker'>;
  readonly startWorker: StartWorker;
  /** Given where processes outlive their coordinator: takes over one that another has left. */
  readonly adoptWorker?: AdoptWorker;
  /** Nothing is begun: what another coordinator has left finishes what is in flight, and ends. */
  readonly draining?: boolean;
  readonly events: RunEvents;
}

/** What the operator is told while it runs. */
export interface RunEvents {
  /** Of a component; the same text may come from every worker. */
  notice(message: string, from: Where & { readonly component: string }): void;
  /** An earlier run on this state folder was stopped or killed; so many of its messages are done for good. */
  resumed(messages: number, samePlan: boolean): void;
  /** A worker died and is started again. */
  workerDied(worker: number, how: string): void;
  /** Storage cannot be written (code), or can again (null). */
  stalled(code: string | null): void;
}

export interface RunResult {
  readonly outcome: 'completed' | 'stopped' | 'failed';
  /** Why it failed, for people. */
  readonly error?: string;
  readonly restarts: number;
  readonly components: readonly ComponentFigures[];
  /** What components counted of their own. */
  readonly ownCounters: readonly OwnMetric[];
  readonly outputs: readonly string[];
}
