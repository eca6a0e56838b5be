/**
 * Holds rows to the limits of a schema, in code generated per layout.
 *
 * Spans and numbers are looked at where they lie, without decoding. How many characters a text has is
 * counted only where its bytes leave it open: n bytes are between n/4 and n characters.
 *
 * @module
 */
import type { Layout, Place } from '../../topology/rows/access.js';
import { generated, quoted } from '../../topology/rows/generate.js';
import type { Schema } from '../../topology/rows/schema.js';
import { characters, isOneOf } from './characters.js';
import { valueCheck } from './check-value.js';
import { limitsOf, type Limits } from './limits.js';

/** The reason against a row, or null. Only within `process`: it does not look whether the row lives. */
export type RowCheck = (row: object) => string | null;

/** Makes the check of `schema` for rows of one layout; for `perLayout`. */
export function rowCheck(schema: Schema): (layout: Layout) => RowCheck {
  const limits = limitsOf(schema);
  return (layout) => {
    const scope: { [name: string]: unknown } = { characters, isOneOf, baseOf: layout.baseOf };
    const checks = layout.fields.map((place, i) => {
      const limit = limits.get(place.name);
      return limit === undefined ? '' : code(place, limit, i, layout, scope);
    });
    return generated(
      `return (row) => { const b = baseOf(row); let s, n, v; ${checks.join('\n')} return null; };`,
      scope,
    );
  };
}

function code(
  place: Place,
  limits: Limits,
  i: number,
  layout: Layout,
  scope: { [name: string]: unknown },
): string {
  if (place.place === 'number') {
    // NaN is null, and neither below nor above anything.
    return `v = b.numbers[b.numberAt + ${place.index}]; ${ifBreaks(limits, 'min', `v < ${limits.min}`)} ${ifBreaks(limits, 'max', `v > ${limits.max}`)}`;
  }
  if (place.place === 'span' && place.field.type !== 'list') {
    scope[`allowed${i}`] = limits.oneOf?.map((text) => Buffer.from(text));
    return `s = b.spans[b.spanAt + ${2 * place.index}]; if (s >= 0) { n = b.spans[b.spanAt + ${2 * place.index + 1}] - s; s += b.origin; ${spanTests(place, limits, i)} }`;
  }
  scope[`check${i}`] = valueCheck(limits);
  if (place.place === 'slot') scope[`slot${i}`] = layout.slotOf(place.index);
  const value = place.place === 'slot' ? `slot${i}(row)` : `row[${quoted(place.name)}]`;
  return `v = check${i}(${value}); if (v !== null) return v;`;
}

function spanTests({ field }: Place, limits: Limits, i: number): string {
  const { minLength: least, maxLength: most, oneOf } = limits;
  if (field.type === 'bytes') {
    return (
      ifBreaks(limits, 'minLength', `n < ${least}`) + ifBreaks(limits, 'maxLength', `n > ${most}`)
    );
  }
  const count = 'characters(b.bytes, s, s + n)';
  return [
    oneOf === undefined ? '' : ifBreaks(limits, 'oneOf', `!isOneOf(allowed${i}, b.bytes, s, n)`),
    ifBreaks(limits, 'minLength', `n < ${least} || n < ${4 * least - 3} && ${count} < ${least}`),
    ifBreaks(limits, 'maxLength', `n > ${most} && (n > ${4 * most} || ${count} > ${most})`),
  ].join('\n');
}

const ifBreaks = ({ field, reason }: Limits, rule: keyof Limits['reason'], test: string): string =>
  field[rule] === undefined ? '' : `if (${test}) return ${quoted(reason[rule])};`;
