/**
 * Counts rows by a field, in windows of time.
 *
 * @module
 */
import { bolt, type Bolt } from '../../topology/dsl/bolt.js';
import { durationMs, type Duration } from '../../topology/dsl/duration.js';
import { copy, derive } from '../../topology/dsl/lineage.js';
import { int, time as timeField, type Field } from '../../topology/rows/field.js';
import { schema, type Plain, type Schema } from '../../topology/rows/schema.js';
import { Counter } from './counter.js';
import type { Key } from './windows.js';

/** Names of the fields of `T` whose values are all `V`. */
type FieldsOf<T, V> = { [F in keyof T & string]: T[F] extends V ? F : never }[keyof T & string];

export interface CountByOptions<T> {
  /** Length of a window: `'10s'`, `'1m'` or milliseconds. Windows start at its multiples since 1970 UTC. */
  readonly every: Duration;
  /** A time field: rows fall into windows by it (event time). Without it, by the clock when they are counted. */
  readonly time?: FieldsOf<T, number>;
}

/** The schema of those fields alone, in their order. */
const only = ({ title, fields }: Schema, names: readonly string[]): Schema =>
  schema(
    title,
    Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name))),
  );

/** `window` is the start of the window, milliseconds since 1970. */
export type Total<T, K extends keyof T> = Plain<
  { [field in K]: T[field] } & { window: number; count: number }
>;

/**
 * Emits on `totals` how many rows of each key fell into each window.
 *
 * A window is emitted when the newest time that its task has seen is one more window past its end, and
 * when the task closes. A row that comes later opens its window again, so there may be several totals
 * of one key and window: **their sum is the total**. A row is done when its count is on disk; after a
 * crash rows that were not done come again, so counts are at least right, never too low.
 *
 * @throws Error when the key is named `window` or `count`, `time` is no time field, or `every` is no duration
 *
 * @example
 * const { totals } = t.bolt('perCountry', countBy(Safe, 'country_code', { every: '1m' }), { from: safe.by('country_code') });
 */
export function countBy<T extends object, const K extends FieldsOf<T, Key>>(
  reads: Schema<T>,
  key: K,
  { every, time }: CountByOptions<T>,
): Bolt<T, { totals: Total<T, K> }, `by ${K}`> {
  const everyMs = durationMs(every);
  const fields = reads.fields as { readonly [name: string]: Field };
  if (everyMs === 0) throw new Error('countBy: a window must last a millisecond or more.');
  if (key === 'window' || key === 'count')
    throw new Error(`countBy: totals have a field "${key}" of their own; rename the key.`);
  if (time !== undefined && fields[time]?.type !== 'time')
    throw new Error(`countBy: "${time}" is no time field of ${reads.title}.`);
  const totals = schema<{ [field: string]: Key }>(`${reads.title}_totals`, {
    [key]: fields[key] as Field<Key>,
    window: timeField(),
    count: int({ min: 1 }),
  });
  const made: unknown = bolt<
    { [field: string]: Key },
    { totals: { [field: string]: Key } },
    readonly [K]
  >({
    kind: 'count-by',
    // No more than it counts by: a row that comes from another worker brings what is read.
    reads: only(reads, time === undefined ? [key] : [key, time]) as never,
    emits: { totals },
    needs: [key],
    remembers: 'keyed',
    parameters: { key, everyMs, time: time ?? null },
    lineage: {
      totals: {
        [key]: copy(key),
        window: time === undefined ? derive() : derive(time),
        count: derive(key),
      },
    },
    async open(context) {
      const counter = await Counter.open(context, everyMs, (emit, cell) => {
        emit.totals({ [key]: cell.key, window: cell.window, count: cell.count });
      });
      return {
        process(row) {
          counter.count(row[key], time === undefined ? context.now() : Number(row[time]));
        },
        close: () => counter.close(),
        handOver: () => counter.handOver(),
      };
    },
  });
  return made as Bolt<T, { totals: Total<T, K> }, `by ${K}`>;
}
