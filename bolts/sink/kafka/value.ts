/** The value of a row's message. @module */
import type { Schema } from '../../../topology/rows/schema.js';
import { avroEncoder } from '../avro-files/row-encoder.js';
import { jsonEncoder } from '../json-lines/row-encoder.js';
import { Output } from '../rows/output.js';
import { fieldBytes, type BytesOf } from './field-bytes.js';

/**
 * What of a row is sent: all of it as JSON; all of it in Avro's binary encoding, behind the prefix of Confluent's serializers;
 * or one field, a text or bytes, as it is.
 */
export type MessageValue =
  | 'json'
  | { readonly avro: { readonly schemaId: number } }
  | { readonly bytes: string };

/**
 * Finds the bytes of a row. They are valid until the next row.
 *
 * @throws Error when the value is none of the above, or does not fit the rows
 */
export function valueOf(value: MessageValue, schema: Schema): BytesOf {
  if (value === 'json') return json(schema);
  if (typeof value === 'object' && 'avro' in value) return avro(schema, value.avro.schemaId);
  if (typeof value === 'object' && 'bytes' in value)
    return fieldBytes('value', value.bytes, schema, ['text', 'bytes']);
  throw new Error(
    `value must be 'json', { avro: { schemaId } } or { bytes: 'field' }, not ${JSON.stringify(value)}.`,
  );
}

/** Without the line end. */
function json(schema: Schema): BytesOf {
  const encoderOf = jsonEncoder(schema);
  const out = new Output();
  return (row) => {
    out.clear();
    encoderOf(row)(row, out);
    return out.bytes.subarray(0, out.at - 1);
  };
}

/** Confluent's wire format: byte 0, int32 id of the schema in the registry, body. */
function avro(schema: Schema, schemaId: number): BytesOf {
  if (!Number.isInteger(schemaId) || schemaId < 0 || schemaId > 0x7fffffff)
    throw new Error('value.avro.schemaId must be the id of a schema registry: a number from 0 on.');
  const encoderOf = avroEncoder(schema);
  const out = new Output(PREFIX_BYTES);
  return (row) => {
    out.clear();
    encoderOf(row)(row, out);
    out.bytes[0] = 0;
    out.bytes.writeInt32BE(schemaId, 1);
    return out.bytes.subarray(0, out.at);
  };
}

const PREFIX_BYTES = 5;
