/** The command that stores a row. @module */
import { durationMs } from '../../../topology/dsl/duration.js';
import { reject } from '../../../topology/dsl/reject.js';
import { fieldsOf, type Schema } from '../../../topology/rows/schema.js';
import type { Field } from '../../../topology/rows/field.js';
import { jsonEncoder } from '../json-lines/row-encoder.js';
import { Output } from '../rows/output.js';
import { textBy, type TextOf } from '../rows/template.js';
import type { RedisCommand } from './options.js';

export type Argument = string | number;

export interface RowCommands {
  /** The command for a row, its key, with its prefix, and the other arguments. */
  of(row: object): readonly Argument[];
  /** What is done to a key after rows were written to it: where LTRIM cuts, and PEXPIRE's milliseconds; empty for neither. */
  readonly after: readonly [trim: Argument, ttl: Argument];
}

/** @throws Error when a template, `by`, `ttl` or `maxLength` does not fit the rows */
export function rowCommands(options: RedisCommand, schema: Schema, keyPrefix: string): RowCommands {
  const { command } = options;
  for (const [name, { pii }] of fieldsOf(schema))
    if (pii !== undefined)
      throw new Error(`The field "${name}" is sealed: anonymize it before a sink.`);
  const template = command === 'PUBLISH' ? options.channel : options.key;
  const keyOf = textBy(`${braceless(keyPrefix)}${template}`, schema);
  const argsOf = argumentsOf(options, schema);
  return { of: (row) => [command, keyOf(row), ...argsOf(row)], after: afterwards(options) };
}

function braceless(keyPrefix: string): string {
  if (/[{}]/.test(keyPrefix)) throw new Error('keyPrefix: a prefix has no braces.');
  return keyPrefix;
}

function argumentsOf(options: RedisCommand, schema: Schema): (row: object) => readonly Argument[] {
  if (options.command === 'HINCRBY') {
    const fieldOf = textBy(options.field, schema);
    const byOf = amountOf(options.by ?? 1, schema);
    return (row) => [fieldOf(row), byOf(row)];
  }
  if (options.command === 'XADD') {
    const entryOf = streamEntry(schema);
    const { maxLength } = options;
    const bound = maxLength === undefined ? [] : ['MAXLEN', '~', whole('maxLength', maxLength)];
    return (row) => [...bound, '*', ...entryOf(row)];
  }
  const jsonOf = json(schema);
  if (options.command !== 'SET' || options.ttl === undefined) return (row) => [jsonOf(row)];
  const ttl = whole('ttl', durationMs(options.ttl));
  return (row) => [jsonOf(row), 'PX', ttl];
}

function afterwards(options: RedisCommand): RowCommands['after'] {
  const { command } = options;
  const cuts = command === 'RPUSH' && options.maxLength !== undefined;
  const expires = command !== 'SET' && command !== 'PUBLISH' && options.ttl !== undefined;
  return [
    cuts ? -whole('maxLength', options.maxLength) : '',
    expires ? whole('ttl', durationMs(options.ttl)) : '',
  ];
}

function whole(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`redis: ${name} must be a whole number above 0.`);
}

function amountOf(by: number | string, schema: Schema): (row: object) => number {
  if (typeof by === 'number') {
    if (!Number.isSafeInteger(by)) throw new Error('redis: by must be a whole number.');
    return () => by;
  }
  const field = fieldsOf(schema).find(([name]) => name === by)?.[1];
  if (field?.type !== 'int')
    throw new Error(`redis: by names "${by}", which is no int field of "${schema.title}".`);
  return (row) =>
    (row as { readonly [field: string]: number | null })[by] ?? reject(`${by} is null`);
}

/** The row as JSON, as `jsonLines` writes it. */
function json(schema: Schema): TextOf {
  const encoderOf = jsonEncoder(schema);
  const out = new Output();
  return (row) => {
    out.clear();
    encoderOf(row)(row, out);
    return out.bytes.utf8Slice(0, out.at - '\n'.length);
  };
}

/** Names and values, the values as JSON has them but for the quotes. */
function streamEntry(schema: Schema): (row: object) => Argument[] {
  const fields = fieldsOf(schema);
  return (row) => {
    const entry: Argument[] = [];
    for (const [name, field] of fields) {
      const value = (row as { readonly [field: string]: unknown })[name];
      if (value !== null) entry.push(name, entryText(field, value));
    }
    return entry.length > 0 ? entry : reject('every field is null');
  };
}

function entryText({ type }: Field, value: unknown): string {
  if (type === 'time') return new Date(Number(value)).toISOString();
  if (type === 'bytes') return Buffer.from(value as Uint8Array).toString('base64');
  return type === 'list' ? JSON.stringify(value) : String(value);
}
