/** An exit: it stores rows. It can only be declared for rows without sealed fields. @module */
import type { Row } from '../rows/row.js';
import type { Schema } from '../rows/schema.js';
import type { SinkContext } from './context.js';

/** A value that may leave the system. */
export type PublicValue = string | number | boolean | null | Uint8Array | readonly PublicValue[];

/** A row that may leave the system: no field of it is sealed. */
export interface PublicRow {
  readonly [field: string]: PublicValue;
}

export interface Sink<in In extends PublicRow> {
  readonly kind: string;
  /** Parameters worth showing in `describe` and in the plan; plain JSON, never a secret. */
  readonly parameters?: { readonly [name: string]: unknown };
  /**
   * Looks whether rows of this schema can be stored: fields that are missing, templates, names. Called when the plan is built,
   * so `squall validate` refuses, too.
   * @throws Error with a message for the user when they cannot
   */
  readonly fits?: (reads: Schema) => void;
  /**
   * Looks whether rows can be stored at all. Called once per start of a run, in the coordinator, before there are tasks:
   * a server that is away then is a mistake, while later it is waited for.
   * @throws Error with a message for the user when they cannot
   */
  readonly check?: () => Promise<void>;
  /** Typed where the sink is declared. */
  readonly open: (context: SinkContext) => AnySinkTask | Promise<AnySinkTask>;
  /** Carries `In`; never present at run time. */
  readonly accepts: (row: In) => void;
}

/** A task as the runtime sees it. */
export type AnySinkTask = SinkTask<never>;

export interface SinkSpec<In extends PublicRow> extends Omit<Sink<In>, 'open' | 'accepts'> {
  readonly open: (context: SinkContext) => SinkTask<In> | Promise<SinkTask<In>>;
}

/** Reasons, as for `reject`, by the place of the row among those that the flush was called for, from 0. */
export type Refusals = ReadonlyMap<number, string>;

/** One task of a sink. Calls never overlap, but rows are written while a `flush` is under way. */
export interface SinkTask<In extends PublicRow> {
  /** Takes the row at hand; copies what it needs before it returns. Returns how many bytes it added to what waits for a flush, if it counts them. */
  write(row: Row<In>): number | void | Promise<void>;
  /**
   * Stores, durably, every row written before the call; then they are acked. Called at 4 MiB or 100 ms
   * after the first waiting row (group commit), or when there is nothing else to do. When it throws it is called again, with
   * backoff, until it succeeds: what waits must be kept. Without `flush`, a row is stored when `write` returns.
   * May resolve with the rows that cannot be stored because of what is in them: they become dead letters.
   */
  flush?(): Promise<void | Refusals>;
  /** Whether so much waits to be stored that the spouts of this worker are to wait, too. */
  full?(): boolean;
  /** After the last flush. Finishes files. */
  close?(): Promise<void>;
  /** Files or other names that the run should report as outputs. */
  outputs?(): readonly string[];
}

/**
 * Declares a sink of one's own.
 *
 * @example
 * const print = sink<{ host: string }>({ kind: 'print', open: () => ({ write: (row) => console.log(row.host) }) });
 */
export const sink = <In extends PublicRow>(spec: SinkSpec<In>): Sink<In> =>
  spec as unknown as Sink<In>;
