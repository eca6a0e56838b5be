/** What the coordinator and its workers say to each other, as JSON. Never a row. @module */
import type { CounterSnapshot } from '../metrics/counters.js';
import type { WorkerLoad } from '../metrics/load.js';
import type { OwnMetric } from '../metrics/own-metrics.js';
import type { MessageId, RootId } from '../ledger/identity.js';
import type { Shares } from '../planner/shares.js';
import type { Verdict } from '../worker/condemned.js';
import type { Assignments } from '../worker/engine.js';
import type { FromMove, ToMove } from '../worker/move-steps.js';
import type { EngineOptions } from '../worker/ports.js';

export interface StartMessage {
  readonly type: 'start';
  readonly worker: number;
  readonly workers: number;
  readonly topology: TopologySource;
  readonly parameters: unknown;
  /** The plan that the coordinator placed; a worker that builds another one refuses. */
  readonly hash: string;
  readonly stateDir: string;
  readonly stateId: string;
  /** Where the workers' sockets are. */
  readonly socketDir: string;
  /** Grows with every start of any worker: names sockets and dead-letter segments. */
  readonly epoch: number;
  readonly options: EngineOptions;
  readonly assignments: Assignments;
  /** Of bolts that do not have the tasks that the plan gives them. */
  readonly shares: Shares;
  /** After a death: note what is at work, so that the next death can be explained. */
  readonly record: boolean;
  /** Messages that are not tried again. */
  readonly condemned: readonly Verdict[];
}

/** For the process that receives for a spout: of `ToWorker` it obeys 'stop'. */
export interface ReceiveMessage extends Pick<
  StartMessage,
  'topology' | 'parameters' | 'hash' | 'stateDir'
> {
  readonly type: 'receive';
  readonly component: string;
}

/** A topology that a worker can load: a module whose default export it is. */
export interface TopologySource {
  readonly module: string;
  /** A replay: its messages are selected dead letters of this state folder, and those that are given up again go there. */
  readonly letters?: string;
}

/** Why messages of a worker became dead letters, and how many. */
export type Reasons = readonly (readonly [reason: string, count: number])[];

/** What a worker has counted in its life so far, and how it is now. */
export interface WorkerReport {
  /** By component. */
  readonly counters: readonly CounterSnapshot[];
  readonly reasons: Reasons;
  /** What its components count of their own. */
  readonly own: readonly OwnMetric[];
  readonly load: WorkerLoad;
}

export type ToWorker =
  | StartMessage
  | ToMove
  | {
      readonly type: 'peer';
      readonly worker: number;
      readonly epoch: number;
      readonly path: string;
    }
  /** All workers are linked; said again after one was replaced. */
  | { readonly type: 'go' }
  /** Begin no new message. */
  | { readonly type: 'stop' }
  /** Begin no new message until told otherwise. */
  | { readonly type: 'pause'; readonly paused: boolean }
  /** No worker begins a new message, and nothing moves. */
  | { readonly type: 'ending' }
  | { readonly type: 'stall'; readonly stalled: boolean }
  | { readonly type: 'close'; readonly level: number }
  | { readonly type: 'finish' }
  | { readonly type: 'condemned'; readonly verdict: Verdict }
  /** Which message of its own another worker was at when it died. Answered, by 'was', before anything that is said later. */
  | { readonly type: 'which'; readonly death: number; readonly root: RootId };

/** How far a worker is that outlived its coordinator: said first to the next one. */
export interface HereMessage {
  readonly type: 'here';
  /** Null while its tasks are being opened. */
  readonly path: string | null;
  readonly linked: boolean;
  /** It was told to begin. */
  readonly going: boolean;
  readonly quiet: boolean;
  /** It was told to begin no new message. */
  readonly stopped: boolean;
  /** It was told to close tasks. */
  readonly closing: boolean;
  /** Keys were being moved. */
  readonly moving: boolean;
  readonly stalled: string | null;
}

export type FromWorker =
  | HereMessage
  | FromMove
  | { readonly type: 'ready'; readonly path: string }
  /** Both directions to every peer are up; said again after one was replaced. */
  | { readonly type: 'linked' }
  | { readonly type: 'quiet' }
  | { readonly type: 'closed'; readonly level: number }
  | (WorkerReport & { readonly type: 'finished'; readonly outputs: readonly string[] })
  | (WorkerReport & {
      readonly type: 'counters';
      /** No new message is begun here, and nothing was done since the last report. */
      readonly still: boolean;
    })
  /** What a receiver has counted in its life so far; `done` when it has stopped, and all that came in is in its journal. */
  | { readonly type: 'received'; readonly own: readonly OwnMetric[]; readonly done: boolean }
  | { readonly type: 'was'; readonly death: number; readonly message?: MessageId }
  | { readonly type: 'stalled'; readonly code: string | null }
  | {
      readonly type: 'notice';
      readonly component: string;
      readonly task?: number;
      readonly message: string;
    }
  /** The run cannot go on: bad configuration of a component, or a source that broke. */
  | { readonly type: 'fatal'; readonly component?: string; readonly message: string };
