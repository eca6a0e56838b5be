/**
 * A bolt of RxJS operators: windows, sessions and joins by users.
 *
 * A row is acked when everything that was made of it is stored, also through operators that keep it for
 * a while; a row of which nothing is made is acked when no operator keeps it any more. How that is known: `origins.ts`.
 *
 * @module
 */
import type { SchedulerLike } from 'rxjs';
import { bolt } from '../../topology/dsl/bolt.js';
import type { Streams } from '../../topology/dsl/context.js';
import type { Lineage } from '../../topology/dsl/lineage.js';
import type { Kept, Live, New } from '../../topology/rows/row.js';
import type { Schema } from '../../topology/rows/schema.js';
import type { Build } from './pipe.js';
import type { Rows } from './rows.js';
import { RxTask } from './task.js';

/** By stream: input rows as they are, or new ones of all fields. */
type Outputs<Out extends Streams> = {
  readonly [S in keyof Out]: Rows<Live<Out[S]> | New<Out[S]>>;
};

export interface RxSpec<
  In extends object,
  Out extends Streams,
  Needs extends readonly (keyof In & string)[],
> {
  readonly reads: Schema<In>;
  readonly emits: { readonly [S in keyof Out]: Schema<Out[S]> };
  /**
   * Called per task, and again when the pipe has failed or was completed. Returns the rows of each stream.
   *
   * @param scheduler time of the task, for what takes a scheduler of RxJS: virtual under the test kit
   */
  readonly pipe: (rows: Rows<Kept<In>>, scheduler: SchedulerLike) => Outputs<NoInfer<Out>>;
  /** Fields that rows must be grouped by, for a pipe that joins or counts by them. */
  readonly needs?: Needs;
  readonly lineage?: Lineage;
  /** Parameters worth showing in `describe` and in the plan; plain JSON, never a key or a secret. */
  readonly parameters?: { readonly [name: string]: unknown };
}

/**
 * Declares a bolt of operators, which are imported from `squall/rx`.
 *
 * When the pipe fails, the rows that its operators keep fail and are replayed through a new one; a `reject` in
 * `map`, `filter`, `scan` or the function of `mergeMap`, of the row at hand, concerns that row alone.
 * When no spout of the run begins a new message, pipes are completed, so that buffers are emitted.
 *
 * @example
 * const Batch = schema('batch', { hits: int() });
 * const batches = rx({
 *   reads: Hit,
 *   emits: { batches: Batch },
 *   pipe: (hits) => ({
 *     batches: hits.pipe(bufferTime('1s'), map((batch) => ({ hits: batch.length }))),
 *   }),
 * });
 */
export const rx = <
  In extends object,
  Out extends Streams,
  const Needs extends readonly (keyof In & string)[] = readonly [],
>({
  pipe,
  ...spec
}: RxSpec<In, Out, Needs>) =>
  bolt<In, Out, Needs>({
    kind: 'rx',
    ...spec,
    open: (context) =>
      new RxTask(context as never, pipe as unknown as Build, Object.keys(spec.emits)) as never,
  });
