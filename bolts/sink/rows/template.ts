/**
 * Texts made of a row by a template such as `hits:{country_code}:{dt:yyyy-MM-dd}`.
 *
 * `{field}` is a text, number or flag as it is; `{field:pattern}` is a time in UTC, as in partitions of files. Null is `_`.
 *
 * @module
 */
import { fieldsOf, type Schema } from '../../../topology/rows/schema.js';
import { fieldPart } from '../files/partition-field.js';

/** The text of a row. */
export type TextOf = (row: object) => string;

/** @throws Error that names the field that is missing, sealed or of another type, or says what is wrong with the template */
export function textBy(template: string, schema: Schema): TextOf {
  const pieces = template.match(/\{[^{}]*\}|[^{}]+/g) ?? [];
  if (template === '' || pieces.join('') !== template)
    throw new Error(`The template "${template}" is empty, or has a brace too many or too few.`);
  const parts = pieces.map((piece) =>
    piece.startsWith('{') ? textOf(template, piece.slice(1, -1), schema) : () => piece,
  );
  if (parts.length === 1) return parts[0]!;
  return (row) => {
    let text = '';
    for (const part of parts) text += part(row);
    return text;
  };
}

function textOf(template: string, inner: string, schema: Schema): TextOf {
  const name = inner.split(':', 1)[0]!;
  const field = fieldsOf(schema).find(([known]) => known === name)?.[1];
  const valueOf = (row: object): unknown => (row as { readonly [field: string]: unknown })[name];
  if (field?.pii !== undefined)
    throw new Error(`The template "${template}" names "${name}", which is sealed: anonymize it.`);
  if (field === undefined)
    throw new Error(
      `The template "${template}" names the field "${name}", which the rows of "${schema.title}" do not have.`,
    );
  if (field.type === 'time' || inner !== name) {
    const part = fieldPart(template, inner, schema);
    return (row) => part.textOf(valueOf(row));
  }
  if (!PLAIN.has(field.type))
    throw new Error(
      `The template "${template}" names "${name}", which is no text, number or time.`,
    );
  return (row) => {
    const value = valueOf(row);
    return value === null ? '_' : String(value);
  };
}

const PLAIN = new Set(['text', 'int', 'float', 'flag']);
