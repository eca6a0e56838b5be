/** What a worker's engine needs of the world; the process, the inline run and the test kit each bring theirs. @module */
import type { KeyedState } from '../../topology/dsl/state.js';
import type { Positions } from '../../topology/dsl/spout.js';
import type { Clock } from '../clock.js';
import type { Entry, GroupState } from '../state/group-state.js';
import type { DeadLetter } from '../state/dead-letter.js';
import type { Outbox } from '../transport/outbox.js';

export interface Ports {
  readonly clock: Clock;
  /** Runs `turn` soon, after whatever came in has been handled. */
  readonly schedule: (turn: () => void) => void;
  readonly outbox: (worker: number) => Outbox;
  readonly deadLetters: DeadLetterPort;
  readonly commits: (component: string, task: number) => Promise<CommitPort>;
  readonly state: (component: string, task: number) => Promise<KeyedState>;
  readonly groups: GroupPort;
  /** A folder for one task; made on first use. */
  readonly stateDir: (component: string, task: number) => string;
  /** Of the folder that all of these are in. */
  readonly stateId: string;
  /** For the operator; from a task where that is known. */
  readonly notice: (component: string, message: string, task?: number) => void;
  /** Storage cannot be written (with the error's code) or can again (null). */
  readonly stalled: (code: string | null) => void;
  /** Every spout here is done or stopped, and nothing is pending. */
  readonly quiet: () => void;
  /** Notes what is at work now, for whoever finds the process dead; slow, so only after a death. */
  readonly record?: () => void;
}

export interface DeadLetterPort {
  append(letter: DeadLetter): void;
  /** Durable when this resolves; may be called again after it failed. */
  flush(): Promise<void>;
}

/** What tasks remember by key, which others may take over. */
export interface GroupPort {
  open(component: string, task: number): Promise<GroupState>;
  /** What a task has stored, here or in another worker. */
  read(component: string, task: number): Promise<Iterable<Entry>>;
}

/** How far a spout task has come: kept with its counters, so that both go on from the same message. */
export interface CommitPort {
  readonly positions: Positions;
  readonly counters: SpoutCounters;
  commit(positions: Positions, counters: SpoutCounters): void;
  flush(): Promise<void>;
}

export interface SpoutCounters {
  readonly emitted: number;
  readonly acked: number;
  readonly deadLetters: number;
}

export interface EngineOptions {
  readonly worker: number;
  /** Messages that may be pending in this worker before its spouts wait. */
  readonly maxSpoutPending: number;
  readonly maxAttempts: number;
  readonly messageTimeoutMs: number;
  /** Off only to measure what acking costs: then nothing is replayed or committed. */
  readonly acking: boolean;
}
