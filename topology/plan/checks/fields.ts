/**
 * What can be wrong between a stream's fields and the node that reads them. The compiler refuses
 * all of it, too; these hold where its types were cheated.
 *
 * @module
 */
import { typeText, type Field } from '../../rows/field.js';
import { canonicalJson } from '../canonical-json.js';
import { suggestion } from '../nearest.js';
import type { Plan, PlanGrouping, PlanInput, PlanNode } from '../plan.js';
import { groupingText, inputName, streamOf } from '../wiring.js';

/** Fields that a grouping or a bolt's `reads` names, and that the stream does not have. */
export const unknownFields = (plan: Plan): string[] =>
  eachInput(plan, (node, input, fields, name) => {
    const grouped = (input.grouping.fields ?? []).map((field) => ({ field, why: 'grouped by' }));
    const read = Object.keys(node.reads?.fields ?? {}).map((field) => ({ field, why: 'read' }));
    return [...grouped, ...read]
      .filter(({ field }) => !Object.hasOwn(fields, field))
      .map(({ field, why }) => {
        const known = suggestion(field, Object.keys(fields));
        return `The stream "${name}" has no field "${field}", which it is ${why} at "${node.name}".${known}`;
      });
  });

export const wrongTypes = (plan: Plan): string[] =>
  eachInput(plan, (node, _input, fields, name) =>
    Object.entries(node.reads?.fields ?? {})
      .filter(([field, wanted]) => !fits(fields[field]!, wanted))
      .map(([field, wanted]) => {
        const [wants, is] = [wanted, fields[field]!].map(sealedText);
        return `"${node.name}" reads the field "${field}" as ${wants}, but in the stream "${name}" it is ${is}. Declare the same type in both schemas.`;
      }),
  );

/** A sink has one schema, whatever the number of its inputs. */
export const unlikeInputs = (plan: Plan): string[] =>
  plan.nodes.flatMap((node) => {
    const [first, ...others] = node.role === 'sink' ? node.inputs : [];
    if (first === undefined) return [];
    const shape = (input: PlanInput): string => canonicalJson(streamOf(plan, input)!.schema.fields);
    return others
      .filter((input) => shape(input) !== shape(first))
      .map(
        (input) =>
          `The sink "${node.name}" reads "${inputName(plan, first)}" and "${inputName(plan, input)}", whose fields are not the same. Give each a sink of its own.`,
      );
  });

export const badGroupings = (plan: Plan): string[] =>
  eachInput(plan, (node, { grouping }, fields, name) => {
    const { how, fields: by = [] } = grouping;
    const cannot = `"${node.name}" cannot read "${name}" by`;
    if (!GROUPINGS.includes(how)) return [`${cannot} "${how}". Known: ${GROUPINGS.join(', ')}.`];
    if (how !== 'by') return [];
    if (by.length === 0) return [`${cannot} no field at all. Name one: .by("…").`];
    const unfit = by.filter((field) => UNFIT_TO_GROUP.includes(fields[field]!.type));
    return unfit.map((field) => {
      const { type } = fields[field]!;
      return `${cannot} the ${type} field "${field}". Take a text, int, time, flag or bytes field.`;
    });
  });

/** Of `direct`, whose field is a task's number. */
export const notInts = (plan: Plan): string[] =>
  eachInput(plan, (node, { grouping }, fields, name) => {
    const numbers = grouping.how === 'direct' ? (grouping.fields ?? []) : [];
    return numbers
      .map((field) => ({ field, type: sealedText(fields[field]!) }))
      .filter(({ type }) => type !== 'int')
      .map(
        ({ field, type }) =>
          `"${node.name}" reads "${name}" direct by "${field}", which is ${type}. A task's number is an int that is never null.`,
      );
  });

export const wrongGroupings = (plan: Plan): string[] =>
  eachInput(plan, ({ name: node, needs = [] }, { grouping }, _fields, name) => {
    const needed = groupingText({ how: 'by', fields: needs });
    const given = groupingText(grouping);
    if (needs.length === 0 || given === needed) return [];
    const call = `.by(${needs.map((field) => `"${field}"`).join(', ')})`;
    return [
      `"${node}" keeps state per key and needs "${needed}", but reads "${name}" "${given}". Use ${call}.`,
    ];
  });

const GROUPINGS: readonly string[] = [
  'shuffle',
  'by',
  'all',
  'global',
  'direct',
  'custom',
] satisfies PlanGrouping['how'][];

/** Equal floats are an accident, and lists have no order. */
const UNFIT_TO_GROUP: readonly string[] = ['float', 'list'];

function fits(given: Field, wanted: Field): boolean {
  if (given.type !== wanted.type || given.pii !== wanted.pii) return false;
  if (given.nullable === true && wanted.nullable !== true) return false;
  if (given.items === undefined || wanted.items === undefined) return given.items === wanted.items;
  return fits(given.items, wanted.items);
}

const sealedText = (field: Field): string =>
  (field.pii === undefined ? '' : `sealed ${field.pii} `) + typeText(field);

function eachInput(
  plan: Plan,
  problems: (
    node: PlanNode,
    input: PlanInput,
    fields: { readonly [name: string]: Field },
    stream: string,
  ) => string[],
): string[] {
  return plan.nodes.flatMap((node) =>
    node.inputs.flatMap((input) =>
      problems(node, input, streamOf(plan, input)!.schema.fields, inputName(plan, input)),
    ),
  );
}
