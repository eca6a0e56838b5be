/**
 * Lets rows pass that keep the limits of their own schema.
 *
 * Types need no check here: no row exists with a text where a number belongs. For a schema of one's
 * own see `validateJsonSchema` and `validateAvro`.
 *
 * @module
 */
import { bolt, type Bolt } from '../../topology/dsl/bolt.js';
import { copy, type Lineage } from '../../topology/dsl/lineage.js';
import { reject } from '../../topology/dsl/reject.js';
import { perLayout } from '../../topology/rows/access.js';
import type { Schema } from '../../topology/rows/schema.js';
import { rowCheck } from './check-row.js';

/**
 * Emits every row within the limits of `reads` (`min`, `max`, `minLength`, `maxLength` in characters,
 * `oneOf`) on `valid`. Others are rejected with the field and the rule, e.g. `http_status: below 100`.
 *
 * @example
 * const Request = schema('request', { method: text({ oneOf: ['GET', 'POST'] }), status: int({ min: 100, max: 599 }) });
 * const { valid } = t.bolt('validate', validate(Request), { from: requests.shuffle() });
 */
export function validate<T extends object>(reads: Schema<T>): Bolt<T, { valid: T }> {
  const checkFor = perLayout(rowCheck(reads));
  return bolt<T, { valid: T }>({
    kind: 'validate',
    reads,
    emits: { valid: reads },
    lineage: passesAll(reads),
    process(row, emit) {
      const reason = checkFor(row)(row);
      if (reason !== null) reject(reason);
      emit.valid(row);
    },
  });
}

/** Every field leaves on `valid` as it came. */
export const passesAll = (reads: Schema): Lineage => ({
  valid: Object.fromEntries(Object.keys(reads.fields).map((name) => [name, copy(name)])),
});
