/**
 * Unseals fields by rule, and only so: a sealed field without a rule stays sealed, and no sink takes it.
 *
 * It fails closed. A method that refuses a value, or breaks on it, rejects the row with the name of the
 * field; no value passes unchanged because something went wrong.
 *
 * @module
 */
import { bolt, type Bolt } from '../../topology/dsl/bolt.js';
import { copy, declassify, derive, type Origin } from '../../topology/dsl/lineage.js';
import { reject, Rejected } from '../../topology/dsl/reject.js';
import { nullable, type Field } from '../../topology/rows/field.js';
import { generated, quoted } from '../../topology/rows/generate.js';
import { fieldsOf, type Schema } from '../../topology/rows/schema.js';
import type { Anonymized, RulesFor } from './anonymized.js';
import type { Fields, Rule, TimeRule } from './rule.js';

/**
 * Emits every row it reads on `safe`, with the ruled fields replaced or left out. Rules are for sealed
 * fields, and `floorTime` for times; all other fields pass as they are.
 *
 * @throws Error when a rule does not fit its field, or two fields would have one name
 *
 * @example
 * const { safe } = t.bolt('anonymize', anonymize(Request, {
 *   ip: truncate({ v4: 24, v6: 48 }),
 *   user_agent: family(),
 *   x_forwarded_for: drop(),
 * }), { from: requests.shuffle() });
 */
export function anonymize<T extends object, Rules extends RulesFor<T>>(
  reads: Schema<T>,
  rules: Rules & { readonly [F in Exclude<keyof Rules, keyof T>]: never },
): Bolt<T, { safe: Anonymized<T, Rules> }> {
  const ruled = Object.entries<AnyRule>(rules).map(([name, rule]) => checked(reads, name, rule));
  const outputs = fieldsOf(reads).flatMap(([name, field]) => outputsOf(name, field, ruled));
  const safe = { title: reads.title, fields: byName(outputs, ({ field }) => field) };
  return bolt<T, { safe: Anonymized<T, Rules> }>({
    kind: 'anonymize',
    reads,
    emits: { safe: safe as Schema<never> },
    lineage: { safe: byName(outputs, ({ origin }) => origin) },
    parameters: byName(ruled, ({ rule }) => ({ method: rule.method, ...rule.parameters })),
    remembers: 'nothing',
    open: () => ({ process: compiled(ruled, outputs) }),
  });
}

type AnyRule = Rule | TimeRule;

interface Ruled {
  readonly name: string;
  readonly field: Field;
  readonly rule: AnyRule;
}

/** A field of the rows that leave. */
interface Output {
  readonly name: string;
  readonly field: Field;
  readonly origin: Origin;
  /** Its value in the generated code; absent for what passes as it is. */
  readonly code?: string;
}

function checked(reads: Schema, name: string, rule: AnyRule): Ruled {
  const field = new Map(fieldsOf(reads)).get(name);
  if (field === undefined)
    throw new Error(`anonymize: "${reads.title}" has no field "${name}", which a rule is for.`);
  const isTimeRule = rule.reads.length === 1 && rule.reads[0] === 'time';
  if (rule.reads.includes(field.type as never) && isTimeRule === (field.pii === undefined))
    return { name, field, rule };
  const what = `${field.pii === undefined ? '' : 'sealed '}${field.type}`;
  throw new Error(`anonymize: the rule ${rule.method} is not for the field "${name}" (${what}).`);
}

function outputsOf(name: string, field: Field, ruled: readonly Ruled[]): Output[] {
  const i = ruled.findIndex((one) => one.name === name);
  if (i < 0) return [{ name, field, origin: copy(name) }];
  const { rule } = ruled[i];
  const { emits, method, parameters } = rule;
  const origin = rule.leavesWhole === true ? derive(name) : declassify(method, parameters, name);
  if (emits === 'dropped') return [];
  if (isField(emits))
    return [
      { name, field: field.nullable ? nullable<unknown>(emits) : emits, origin, code: `v${i}` },
    ];
  return Object.entries(emits).map(([given, its]) => ({
    name: given,
    field: its,
    origin,
    code: `v${i}[${quoted(given)}]`,
  }));
}

const isField = (emits: Field | Fields): emits is Field => typeof emits.type === 'string';

function byName<N extends { readonly name: string }, V>(
  named: readonly N[],
  valueOf: (one: N) => V,
): { [name: string]: V } {
  const all: { [name: string]: V } = {};
  for (const one of named) {
    if (Object.hasOwn(all, one.name))
      throw new Error(`anonymize: two fields would be named "${one.name}".`);
    all[one.name] = valueOf(one);
  }
  return all;
}

/**
 * One function for these very rules: each method is called in a place of its own, so that the
 * engine can inline it, and the object given to `emit` always has the same shape.
 */
function compiled(
  ruled: readonly Ruled[],
  outputs: readonly Output[],
): (row: object, emit: object) => void {
  const called = ruled.flatMap(({ name, rule: { emits } }, i) =>
    emits === 'dropped' ? [] : [{ name, i }],
  );
  const given = outputs.flatMap(({ name, code }) =>
    code === undefined ? [] : [`${quoted(name)}: ${code}`],
  );
  const source = `
return (row, emit) => {
  let field;
  ${called.map(({ i }) => `let v${i};`).join(' ')}
  try {
    ${called.map(({ name, i }) => `field = ${quoted(name)}; v${i} = f${i}(row[${quoted(name)}]);`).join('\n    ')}
  } catch (error) { refuse(field, error); }
  emit.safe.from(row, { ${given.join(', ')} });
};`;
  const methods = ruled.map(({ name, field, rule }, i) => [
    `f${i}`,
    rule.compile({ name, nullable: field.nullable === true }),
  ]);
  return generated(source, { ...Object.fromEntries(methods), refuse });
}

/** What a method throws may quote the value: only the kind of error is told. */
function refuse(field: string, error: unknown): never {
  if (error instanceof Rejected) throw error;
  reject(`${field}: could not be anonymized (${error instanceof Error ? error.name : 'no error'})`);
}
