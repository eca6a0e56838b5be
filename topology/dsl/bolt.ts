/**
 * A step: reads rows of one schema, emits rows on named streams.
 *
 * @module
 */
import type { Row, Kept } from '../rows/row.js';
import type { Schema } from '../rows/schema.js';
import type { BoltContext, EmitAll, Streams } from './context.js';
import type { Lineage } from './lineage.js';

/** What the runtime and the plan know of a bolt. `How` is the grouping that it needs to be right: any, or `"by country"`. */
export interface Bolt<
  in In extends object,
  in out Out extends Streams,
  in How extends string = string,
> {
  readonly kind: string;
  readonly reads: Schema;
  readonly emits: { readonly [S in keyof Out]: Schema<Out[S]> };
  /** Fields that rows must be grouped by, for a bolt that keeps state per key. */
  readonly needs?: readonly string[];
  readonly lineage?: Lineage;
  /** Parameters worth showing in `describe` and in the plan; plain JSON, never a key or a secret. */
  readonly parameters?: { readonly [name: string]: unknown };
  readonly keeps?: boolean;
  /** What its tasks know of rows that are done; absent: nobody says. */
  readonly remembers?: Remembers;
  /** Typed where the bolt is declared; here the types of rows are erased, so that wiring is plain assignability. */
  readonly open: (context: BoltContext) => AnyBoltTask | Promise<AnyBoltTask>;
  /** Carry `In` and `How`; never present at run time. */
  readonly accepts: (row: In) => void;
  readonly requires: (how: How) => void;
}

/**
 * What the tasks of a bolt know of rows that are done: nothing (caches and connections are none), or what is in
 * `context.keyedState()` and nothing else. A bolt that says so can have another number of tasks while it runs.
 */
export type Remembers = 'nothing' | 'keyed';

/** A task as the runtime sees it. */
export interface AnyBoltTask {
  process?(row: object, emit: object): void | Promise<void>;
  processBatch?(rows: readonly object[], emit: object): void | Promise<void>;
  close?(): void | Promise<void>;
  handOver?(): void | Promise<void>;
}

/** One task of a bolt. */
export interface BoltTask<In extends object, Out extends Streams> {
  process?(row: Row<In>, emit: EmitAll<Out>): void | Promise<void>;
  /** Instead of `process`: up to `batchRowsMax` kept rows at once, where batching pays. */
  processBatch?(rows: readonly Kept<In>[], emit: EmitAll<Out>): void | Promise<void>;
  close?(): void | Promise<void>;
  /**
   * Instead of `close`, for a bolt that remembers by key: its keys go to other tasks, or to this one opened anew. No
   * row comes any more, and no timer: put what is not in the state into it, and settle the rows that are held.
   */
  handOver?(): void | Promise<void>;
}

interface Common<In extends object, Out extends Streams> {
  readonly kind?: string;
  readonly reads: Schema<In>;
  readonly emits: { readonly [S in keyof Out]: Schema<Out[S]> };
  readonly lineage?: Lineage;
  readonly parameters?: { readonly [name: string]: unknown };
}

/** What `bolt` takes; which of the four it is, `open`, `processBatch` and `keeps` say. */
export type BoltSpec<In extends object, Out extends Streams, Needs extends readonly string[]> =
  | ProcessBolt<In, Out>
  | AsyncBolt<In, Out>
  | BatchBolt<In, Out>
  | OpenBolt<In, Out, Needs>;

/** A bolt without state of its own. */
export interface ProcessBolt<In extends object, Out extends Streams> extends Common<In, Out> {
  /** Called once per row; the row is done when this returns. Returns no promise: what awaits needs `keeps: true`. */
  readonly process: (row: Row<In>, emit: EmitAll<Out>) => void | boolean;
  readonly keeps?: false;
  readonly processBatch?: never;
  readonly open?: never;
  readonly needs?: never;
}

/** A bolt that awaits: it gets kept rows, and the row is done when its promise is settled. */
export interface AsyncBolt<In extends object, Out extends Streams> extends Common<In, Out> {
  readonly keeps: true;
  readonly process: (row: Kept<In>, emit: EmitAll<Out>) => void | Promise<void>;
  readonly processBatch?: never;
  readonly open?: never;
  readonly needs?: never;
}

export interface BatchBolt<In extends object, Out extends Streams> extends Common<In, Out> {
  readonly processBatch: (rows: readonly Kept<In>[], emit: EmitAll<Out>) => void | Promise<void>;
  readonly process?: never;
  readonly keeps?: never;
  readonly open?: never;
  readonly needs?: never;
}

/** A bolt whose tasks are opened and closed: caches, connections, state. */
export interface OpenBolt<
  In extends object,
  Out extends Streams,
  Needs extends readonly string[],
> extends Common<In, Out> {
  readonly needs?: Needs;
  readonly keeps?: boolean;
  readonly remembers?: Remembers;
  readonly open: (context: BoltContext<Out>) => BoltTask<In, Out> | Promise<BoltTask<In, Out>>;
  readonly process?: never;
  readonly processBatch?: never;
}

/** `Joined<['host', 'country']>` is `"host, country"`; never for a list whose length is not known. */
export type Joined<F extends readonly string[]> = F extends readonly [infer A extends string]
  ? A
  : F extends readonly [infer A extends string, ...infer Rest extends readonly string[]]
    ? `${A}, ${Joined<Rest>}`
    : never;

type HowOf<Needs extends readonly string[]> = number extends Needs['length']
  ? string
  : Needs extends readonly []
    ? string
    : `by ${Joined<Needs>}`;

/**
 * Declares a bolt.
 *
 * @example
 * const geotag = bolt({
 *   reads: Request,
 *   emits: { located: Located },
 *   lineage: { located: { country: declassify('geo.country', {}, 'ip') } },
 *   process: (row, emit) => emit.located.from(row, { country: countryOf(row.ip) }),
 * });
 */
export function bolt<
  In extends object,
  Out extends Streams,
  const Needs extends readonly (keyof In & string)[] = readonly [],
>(spec: BoltSpec<In, Out, Needs>): Bolt<In, Out, HowOf<Needs>> {
  const { process, processBatch, open, ...rest } = spec;
  const task = { ...(process && { process }), ...(processBatch && { processBatch }) };
  const own = open === undefined ? { remembers: 'nothing', open: () => task } : { open };
  return { kind: 'bolt', ...rest, ...own } as unknown as Bolt<In, Out, HowOf<Needs>>;
}
