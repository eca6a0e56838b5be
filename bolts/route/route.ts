/**
 * Deals rows out to named streams by what is in them.
 *
 * @module
 */
import { bolt, type Bolt } from '../../topology/dsl/bolt.js';
import type { EmitAll } from '../../topology/dsl/context.js';
import { copy } from '../../topology/dsl/lineage.js';
import type { Row } from '../../topology/rows/row.js';
import type { Schema } from '../../topology/rows/schema.js';

/** Where rows go that no predicate takes. */
const UNMATCHED = 'unmatched';

export interface RouteOptions {
  /** `first` (default): to the first stream whose predicate takes the row. `all`: to each that does. */
  readonly match?: 'first' | 'all';
}

/**
 * Emits each row on the stream of the predicate that takes it, in the order they are written, and on
 * `unmatched` when none does. A predicate that throws fails the row.
 *
 * @throws Error when a stream is named `unmatched`
 *
 * @example
 * const { mobile, unmatched } = t.bolt('route', route(Request, { mobile: (row) => row.host.includes('.m.') }), {
 *   from: requests.shuffle(),
 * });
 */
export function route<T extends object, const S extends string>(
  reads: Schema<T>,
  predicates: { readonly [stream in S]: (row: Row<T>) => boolean },
  { match = 'first' }: RouteOptions = {},
): Bolt<T, { readonly [stream in S | typeof UNMATCHED]: T }> {
  const streams = Object.keys(predicates) as S[];
  if (UNMATCHED in predicates)
    throw new Error(
      `route: the stream "${UNMATCHED}" takes what no predicate takes; name yours otherwise.`,
    );
  const all = [...streams, UNMATCHED] as const;
  const copied = Object.fromEntries(Object.keys(reads.fields).map((field) => [field, copy(field)]));
  const each = <V>(value: V): { readonly [stream in S | typeof UNMATCHED]: V } =>
    Object.fromEntries(all.map((stream) => [stream, value])) as never;

  return bolt<T, { readonly [stream in S | typeof UNMATCHED]: T }>({
    kind: 'route',
    reads,
    emits: each(reads) as never,
    parameters: { streams, match },
    lineage: each(copied),
    process(row, emit: EmitAll<{ readonly [stream in S | typeof UNMATCHED]: T }>) {
      let matched = false;
      for (const stream of streams) {
        if (!predicates[stream](row)) continue;
        emit[stream](row);
        matched = true;
        if (match === 'first') return;
      }
      if (!matched) emit[UNMATCHED](row);
    },
  });
}
