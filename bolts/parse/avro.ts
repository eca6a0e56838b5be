/**
 * Reads messages in Avro behind the prefix of Confluent's serializers: byte 0, int32 id of the writer's schema, body.
 *
 * @module
 */
import avro from 'avsc';
import { avroSchemaOf } from '../../schemas/avro-schema.js';
import { bolt, type Bolt } from '../../topology/dsl/bolt.js';
import { declassify, derive, type Origin } from '../../topology/dsl/lineage.js';
import { RawLine } from '../../topology/dsl/raw-line.js';
import { reject } from '../../topology/dsl/reject.js';
import { seal } from '../../topology/rows/pii.js';
import { bytesOf, endOf, startOf } from '../../topology/rows/reveal.js';
import { fieldsOf, type Schema } from '../../topology/rows/schema.js';
import { isUnsealed } from './unsealed.js';

export interface ParseAvroOptions<T extends object> {
  /** Its fields are found by their names, by Avro's schema resolution (1.11): those that a writer lacks are null. */
  readonly emits: Schema<T>;
  /** The writers' schemas, parsed, by their ids in the registry. */
  readonly schemas: { readonly [id: number]: object };
}

/**
 * Emits each message as a row on `records`. Rejected: one without the prefix, of a schema that is not among `schemas`, or that is not
 * in it.
 *
 * @throws Error when a schema is not valid, or does not fit the fields
 *
 * @example
 * const Hit = schema('hit', { page: text(), ip: nullable(pii('ip')) });
 * const written = { type: 'record', name: 'Hit', fields: [{ name: 'page', type: 'string' }] };
 * const { records } = t.bolt('read', parseAvro({ emits: Hit, schemas: { 7: written } }), { from: lines.shuffle() });
 */
export function parseAvro<T extends object>(
  options: ParseAvroOptions<T>,
): Bolt<RawLine, { records: T }>;
export function parseAvro({ emits, schemas }: ParseAvroOptions<object>): unknown {
  const readers = new Map(
    Object.entries(schemas).map(([id, schema]) => [Number(id), readerOf(id, schema, emits)]),
  );
  if (readers.size === 0)
    throw new Error('parseAvro: schemas is empty. Give the schema of a writer by its id.');
  const sealed = fieldsOf(emits).filter(([, { pii }]) => pii !== undefined);
  return bolt<RawLine, { records: object }>({
    kind: 'parse-avro',
    reads: RawLine,
    emits: { records: emits },
    parameters: { schemas: [...readers.keys()] },
    lineage: {
      records: Object.fromEntries(fieldsOf(emits).map(([name]) => [name, originOf(name, emits)])),
    },
    process({ line }, emit) {
      const message = bytesOf(line).subarray(startOf(line), endOf(line));
      const record = read(message, readers);
      for (const [name, { pii }] of sealed)
        if (record[name] !== null) record[name] = seal(pii!, record[name] as string);
      emit.records(record);
    },
  });
}

type Record = { [field: string]: unknown };
type Reader = (body: Buffer) => Record;

const PREFIX_BYTES = 5;

function read(message: Buffer, readers: ReadonlyMap<number, Reader>): Record {
  if (message.length < PREFIX_BYTES || message[0] !== 0) reject('not Avro behind a schema id');
  const reader = readers.get(message.readInt32BE(1)) ?? reject('the id of an unknown schema');
  return reader(message.subarray(PREFIX_BYTES));
}

/** avsc's errors quote what they fail on. */
function readerOf(id: string, schema: object, emits: Schema): Reader {
  try {
    const writer = avro.Type.forSchema(schema as avro.Schema);
    const fields = Object.fromEntries(fieldsOf(emits));
    // Records are resolved if their names are the same.
    const wanted = { ...avroSchemaOf({ title: emits.title, fields }), name: writer.name };
    const reader = avro.Type.forSchema(wanted as avro.Schema, { wrapUnions: 'never' });
    const resolver = reader.createResolver(writer);
    return (body) => {
      try {
        return { ...(reader.fromBuffer(body, resolver) as Record) };
      } catch {
        return reject('not Avro of the schema that it names');
      }
    };
  } catch (error) {
    throw new Error(
      `parseAvro: schemas[${id}] does not fit ${emits.title}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/** As of `parse`. */
function originOf(name: string, emits: Schema): Origin {
  return isUnsealed(name, emits)
    ? derive('line')
    : declassify(`parse.${name}`, { format: 'avro' }, 'line');
}
