/** What a running task knows and may ask for. Handed to `open`. @module */
import type { Schema } from '../rows/schema.js';
import type { Emit } from '../rows/row.js';
import type { KeyedState } from './state.js';

export interface Context {
  readonly topology: string;
  readonly component: string;
  /** This task, from 0, and how many there are. */
  readonly task: number;
  readonly tasks: number;
  readonly worker: number;
  /** A folder of this task alone that outlives the run; made on first use. */
  readonly stateDir: string;
  /** Milliseconds since 1970; virtual under the test kit. */
  now(): number;
  /** Says something to the operator, once per different text and task. Never put a value of a row in it. */
  warn(message: string): void;
}

/** A row that is not done when `process` returns. Settle it exactly once. */
export interface Hold {
  ack(): void;
  /** The message is replayed; `code` is a short word for the operator, never a value. */
  fail(code: string): void;
}

export interface BoltContext<Out extends Streams = Streams> extends Context {
  /** Takes over the row at hand: it counts as done only when the hold is settled. Only within `process`. */
  hold(): Hold;
  /** Runs `emitting` as one message of its own: `done` when all that it emitted was stored, `failed` otherwise. */
  emitting(
    emitting: (emit: EmitAll<Out>) => void,
    done: () => void,
    failed: (code: string) => void,
  ): void;
  /** This task's durable map. Rows that changed it may be acked once `flush` has resolved: `hold` them until then. */
  state(): Promise<KeyedState>;
  /** Calls back about every `periodMs`, and once before the task is closed. */
  every(periodMs: number, call: () => void): void;
}

export interface SinkContext extends Context {
  /** The schema of the rows that the sink gets. */
  readonly reads: Schema;
  /**
   * Of the state folder, for good. Where several runs write to one place, it tells what a crashed run on this
   * folder left there from what another one has at work.
   */
  readonly stateId: string;
}

/** Row types by stream name. */
export type Streams = { readonly [stream: string]: object };

export type EmitAll<Out extends Streams> = { readonly [S in keyof Out]: Emit<Out[S]> };
