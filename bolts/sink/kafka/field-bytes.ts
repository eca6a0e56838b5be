/** A field of a row as the key or the value of a message. @module */
import type { Field } from '../../../topology/rows/field.js';
import { fieldsOf, type Schema } from '../../../topology/rows/schema.js';

/** Reads bytes of a row; null for null. */
export type BytesOf = (row: object) => Uint8Array | null;

/**
 * A field as bytes: a text in UTF-8, an int in decimal digits, bytes as they are.
 *
 * @param option what names the field, for the error
 * @throws Error when the field is missing, sealed, or of a type that is not one of `types`
 */
export function fieldBytes(
  option: string,
  name: string,
  schema: Schema,
  types: readonly Field['type'][],
): BytesOf {
  check(option, name, schema, types);
  return (row) => {
    const value: unknown = Reflect.get(row, name);
    if (value === null || value instanceof Uint8Array) return value;
    return Buffer.from(String(value));
  };
}

function check(
  option: string,
  name: string,
  schema: Schema,
  types: readonly Field['type'][],
): void {
  const field = fieldsOf(schema).find(([known]) => known === name)?.[1];
  if (field === undefined)
    throw new Error(
      `${option} names the field "${name}", which the rows of "${schema.title}" do not have.`,
    );
  if (field.pii !== undefined)
    throw new Error(`${option} names the field "${name}", which is sealed: anonymize it.`);
  if (!types.includes(field.type))
    throw new Error(
      `${option} takes a field of type ${types.join(' or ')}, but "${name}" is of type ${field.type}.`,
    );
}
