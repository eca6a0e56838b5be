/**
 * The parameters of a topology: what it takes, and whether what was given fits.
 *
 * @module
 */
import { z } from 'zod';
import type { Topology } from '../dsl/topology.js';
import { suggestion } from './nearest.js';
import { TopologyError } from './topology-error.js';

/** One parameter as its zod schema describes it. */
export interface ParameterDescription {
  readonly name: string;
  /** As in JSON Schema: `string`, `integer`, `array of string`, or the choices `"a" | "b"`. */
  readonly type: string;
  readonly required: boolean;
  readonly default?: unknown;
  readonly description?: string;
}

export function parametersOf(topology: Topology): ParameterDescription[] {
  if (topology.params === undefined) return [];
  const { properties = {}, required = [] } = inputSchema(topology.params);
  return Object.entries(properties).map(([name, property]) => ({
    name,
    type: typeOf(property),
    required: required.includes(name),
    ...('default' in property && { default: property.default }),
    ...(property.description !== undefined && { description: property.description }),
  }));
}

/**
 * The parameters with their defaults, as the topology's schema parses them. Objects are strict, whether the schema says so or not.
 *
 * @throws TopologyError `bad-parameters`, which names each parameter that does not fit and what was expected
 */
export function parseParameters(topology: Topology, given: unknown = {}): unknown {
  const schema = topology.params ?? NO_PARAMETERS;
  const unknown = unknownIn(inputSchema(schema), given);
  const parsed = schema.safeParse(given);
  const issues = parsed.error?.issues ?? [];
  const wrong = issues.filter(({ code }) => code !== 'unrecognized_keys' || unknown.length === 0);
  const problems = [...unknown, ...wrong.map(problemOf)];
  if (problems.length === 0 && parsed.success) return parsed.data;
  throw new TopologyError('bad-parameters', topology.name, problems);
}

const NO_PARAMETERS = z.strictObject({});

/** As much of JSON Schema as is read here. */
interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly default?: unknown;
  readonly description?: string;
}

const inputSchema = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

function problemOf(issue: {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}): string {
  const what = issue.message
    .replace(/^Invalid (input|option): /, '')
    .replace('received undefined', 'got nothing');
  return `Parameter "${issue.path.map(String).join('.')}": ${what}.`;
}

function unknownIn(schema: JsonSchema, value: unknown, path = ''): string[] {
  if (Array.isArray(value))
    return value.flatMap((item, i) => unknownIn(schema.items ?? {}, item, `${path}${i}.`));
  const { properties, additionalProperties = false } = schema;
  if (typeof value !== 'object' || value === null || properties === undefined) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    if (Object.hasOwn(properties, name))
      return unknownIn(properties[name]!, member, `${path}${name}.`);
    if (additionalProperties !== false) return [];
    return [`There is no parameter "${path}${name}".${suggestion(name, Object.keys(properties))}`];
  });
}

function typeOf(schema: JsonSchema): string {
  const choices = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (choices !== undefined) return choices.map((choice) => JSON.stringify(choice)).join(' | ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' | ');
  if (schema.type === 'array') return `array of ${typeOf(schema.items ?? {})}`;
  return typeof schema.type === 'string' ? schema.type : (schema.type?.join(' | ') ?? 'any');
}
