/** Lets rows pass that a JSON Schema of one's own accepts. @module */
import { Ajv, type ErrorObject } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { bolt, type Bolt } from '../../topology/dsl/bolt.js';
import { reject } from '../../topology/dsl/reject.js';
import type { Schema } from '../../topology/rows/schema.js';
import { opener } from './opened.js';
import { passesAll } from './validate.js';

/** A JSON Schema, parsed. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/**
 * Emits every row that `schema` accepts on `valid`. Others are rejected with the path and the keyword
 * of the first error, e.g. `status: maximum`.
 *
 * The row is validated as a JSON object of its fields, sealed ones with their raw value. A null is left
 * out, as JSON events leave out what they do not know, unless the schema requires the field.
 *
 * @param schema of draft 2020-12 (the default) or draft-07, as its `$schema` says; unknown keywords and formats are ignored
 * @throws Error when the schema is not valid or of another draft
 *
 * @example
 * const { valid } = t.bolt('validate', validateJsonSchema(Request, { properties: { host: { format: 'hostname' } } }), {
 *   from: requests.shuffle(),
 * });
 */
export function validateJsonSchema<T extends object>(
  reads: Schema<T>,
  schema: JsonSchema,
): Bolt<T, { valid: T }> {
  const accepts = ajvFor(schema).compile(schema);
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  const optional = Object.keys(reads.fields).filter((name) => !required.has(name));
  const opened = opener(reads);
  return bolt<T, { valid: T }>({
    kind: 'validate-json-schema',
    reads,
    emits: { valid: reads },
    parameters: { schema: schema['$id'] ?? schema['title'] ?? null },
    lineage: passesAll(reads),
    process(row, emit) {
      const object = opened(row);
      for (const name of optional) if (object[name] === null) delete object[name];
      if (accepts(object) !== true) reject(reasonOf(accepts.errors?.[0]));
      emit.valid(row);
    },
  });
}

function ajvFor({ $schema }: JsonSchema): Ajv | Ajv2020 {
  const draft = String($schema ?? '2020-12');
  const options = { strict: false, logger: false } as const;
  const ajv = draft.includes('2020-12')
    ? new Ajv2020(options)
    : draft.includes('draft-07')
      ? new Ajv(options)
      : undefined;
  if (ajv === undefined)
    throw new Error(`JSON Schema ${draft} is not supported: use draft 2020-12 or draft-07.`);
  formats.default(ajv);
  return ajv;
}

/** List positions become `*`: the same fault has the same reason. */
function reasonOf(error: ErrorObject | undefined): string {
  if (error === undefined) return 'row: refused';
  const { missingProperty } = error.params as { missingProperty?: string };
  const path = error.instancePath.replaceAll(/\/\d+/g, '/*').slice(1);
  return `${[path, missingProperty].filter(Boolean).join('/') || 'row'}: ${error.keyword}`;
}
