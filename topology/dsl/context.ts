/** What a running task knows and may ask for. Handed to `open`. @module */
import type { Schema } from '../rows/schema.js';
import type { Emit } from '../rows/row.js';
import type { KeyedState, StateByKey } from './state.js';

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
  /**
   * A figure of this component's own, shown in the summary and as the metric `squall_<name>`: named as Prometheus
   * does, `<what>_<unit>_total` for a counter. All tasks of a component share a series of the same labels. Never put a value of a row in a label.
   * @throws Error when the name is no metric's
   */
  counter(name: string, help: string, labels?: Labels): Counter;
  /** The same for what goes up and down. When a worker dies, what it had set is forgotten. */
  gauge(name: string, help: string, labels?: Labels): Gauge;
}

export type Labels = { readonly [label: string]: string };

export interface Counter {
  /** By 1 unless told. @throws RangeError when it is less than 0, or not finite */
  add(by?: number): void;
}

export interface Gauge {
  /** @throws RangeError when it is not finite */
  set(value: number): void;
  /** Shows it no more, until it is set again: what it is of has gone. */
  remove(): void;
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
  /**
   * Runs `emitting` as one message of its own: `done` when all that it emitted was stored, `failed` otherwise.
   * A row that was to wait for it fails as it did when its `process` rejects with `error`.
   */
  emitting(
    emitting: (emit: EmitAll<Out>) => void,
    done: () => void,
    failed: (code: string, error: Error) => void,
  ): void;
  /**
   * Runs what stores something until it succeeds, as the `flush` of a sink is run: errors with a system's code (full
   * disk, no connection) are tried again with backoff, the operator is told, and no message times out meanwhile.
   */
  durably<T>(action: () => Promise<T>): Promise<T>;
  /** This task's durable map. Rows that changed it may be acked once `flush` has resolved: `hold` them until then. */
  state(): Promise<KeyedState>;
  /**
   * The same for a bolt that declares `remembers: 'keyed'`: its parts are by the keys that rows are grouped by.
   * @throws Error when the bolt does not declare that, or its rows are not all grouped by key
   */
  keyedState(): Promise<StateByKey>;
  /** Calls back about every `periodMs`, and once before the task is closed. */
  every(periodMs: number, call: () => void): void;
  /** True once no spout of the run begins a new message, and nothing moved for a while: whoever waits for more rows waits in vain. Replays may still come. */
  ending(): boolean;
}

export interface SinkContext extends Context {
  /** The schema of the rows that the sink gets. */
  readonly reads: Schema;
  /**
   * What stores the rows cannot be reached, and a short word why, or can be again: null. Meanwhile the operator is told and
   * no message times out. Called in turns, a reason first.
   */
  stalled(reason: string | null): void;
  /**
   * Of the state folder, for good. Where several runs write to one place, it tells what a crashed run on this
   * folder left there from what another one has at work.
   */
  readonly stateId: string;
}

/** Row types by stream name. */
export type Streams = { readonly [stream: string]: object };

export type EmitAll<Out extends Streams> = { readonly [S in keyof Out]: Emit<Out[S]> };
