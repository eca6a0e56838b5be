/** Lets rows pass that an Avro schema of one's own accepts. @module */
import avro from 'avsc';
import { bolt, type Bolt } from '../../topology/dsl/bolt.js';
import { reject } from '../../topology/dsl/reject.js';
import type { Schema } from '../../topology/rows/schema.js';
import { opener } from './opened.js';
import { passesAll } from './validate.js';

/**
 * Emits every row that could be written with `avroSchema` on `valid`. Others are rejected with the
 * path of the first error and the type that it should have, e.g. `status: not int`.
 *
 * Sealed fields are validated by their raw value. Fields that the Avro record does not have are not looked at.
 *
 * @param avroSchema a record schema, parsed (Avro 1.11)
 * @throws Error when it is not valid, or has a union whose branches cannot be told apart
 *
 * @example
 * const Reading = { type: 'record', name: 'Reading', fields: [{ name: 'status', type: 'int' }] };
 * const { valid } = t.bolt('validate', validateAvro(Request, Reading), { from: requests.shuffle() });
 */
export function validateAvro<T extends object>(
  reads: Schema<T>,
  avroSchema: object,
): Bolt<T, { valid: T }> {
  const type = avro.Type.forSchema(avroSchema as avro.Schema, { wrapUnions: 'never' });
  const opened = opener(reads);
  let reason = '';
  const errorHook = (path: string[], _value: unknown, expected: avro.Type): void => {
    const at = path.map((part) => (/^\d+$/.test(part) ? '*' : part)).join('/');
    if (reason === '') reason = `${at || 'row'}: not ${expected.typeName.split(':', 1)[0]}`;
  };
  return bolt<T, { valid: T }>({
    kind: 'validate-avro',
    reads,
    emits: { valid: reads },
    parameters: { schema: type.name ?? null },
    lineage: passesAll(reads),
    process(row, emit) {
      reason = '';
      if (!type.isValid(opened(row), { errorHook })) reject(reason || 'row: refused');
      emit.valid(row);
    },
  });
}
