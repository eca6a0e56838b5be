/**
 * The Avro schema (1.11) of rows, for readers of what Squall stored.
 *
 * | field | Avro                            | field    | Avro          |
 * |-------|---------------------------------|----------|---------------|
 * | text  | string                          | flag     | boolean       |
 * | int   | long                            | bytes    | bytes         |
 * | float | double                          | list     | array         |
 * | time  | long, timestamp-millis          | nullable | ["null", T], default null |
 *
 * @module
 */
import type { Field } from '../topology/rows/field.js';

/** What of a row schema it takes. */
export interface RowShape {
  readonly title: string;
  readonly fields: { readonly [name: string]: Field };
}

export interface AvroRecord {
  readonly type: 'record';
  readonly name: string;
  readonly fields: readonly AvroField[];
}

interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  /** Of fields that may be null: so a reader's newer schema may have fields that old files lack. */
  readonly default?: null;
}

type AvroType =
  | 'string'
  | 'long'
  | 'double'
  | 'boolean'
  | 'bytes'
  | { readonly type: 'long'; readonly logicalType: 'timestamp-millis' }
  | { readonly type: 'array'; readonly items: AvroType }
  | readonly ['null', AvroType];

/**
 * The Avro record of a row schema, its fields in the same order. The record's name is the title
 * with `_` for whatever Avro does not allow in a name.
 *
 * @throws Error when a field's name is none in Avro, or a list does not say what it holds
 *
 * @example
 * avroSchemaOf({ title: 'web.request', fields: { host: { type: 'text' } } });
 * // { type: 'record', name: 'web_request', fields: [{ name: 'host', type: 'string' }] }
 */
export function avroSchemaOf({ title, fields }: RowShape): AvroRecord {
  return {
    type: 'record',
    name: recordName(title),
    fields: Object.entries(fields).map(([name, field]) => ({
      name: checkedName(name, title),
      type: typeOf(field, name),
      ...(field.nullable && { default: null }),
    })),
  };
}

function typeOf(field: Field, name: string): AvroType {
  const type = field.type === 'list' ? arrayOf(field, name) : TYPES[field.type];
  return field.nullable ? ['null', type] : type;
}

function arrayOf({ items }: Field, name: string): AvroType {
  if (items === undefined)
    throw new Error(`The list "${name}" does not say what it holds: write list(text()).`);
  return { type: 'array', items: typeOf(items, name) };
}

const TYPES = {
  text: 'string',
  int: 'long',
  float: 'double',
  flag: 'boolean',
  bytes: 'bytes',
  time: { type: 'long', logicalType: 'timestamp-millis' },
} as const;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

function checkedName(name: string, title: string): string {
  if (NAME.test(name)) return name;
  throw new Error(
    `"${name}" in the schema "${title}" cannot be the name of an Avro field: use letters, digits and _, and no digit first.`,
  );
}

function recordName(title: string): string {
  const name = title.replaceAll(/[^A-Za-z0-9_]/g, '_');
  return NAME.test(name) ? name : `_${name}`;
}
