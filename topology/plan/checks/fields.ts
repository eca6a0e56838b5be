/**
 * What can be wrong between a stream's fields and the node that reads them. The compiler refuses
 * all of it, too; these hold where its types were cheated.
 *
 * @module
 */
import type { Field } from '../../rows/field.js';
import { typeText } from '../lineage.js';
import { suggestion } from '../nearest.js';
import type { Plan, PlanGrouping, PlanInput, PlanNode } from '../plan.js';
import { inputName, streamOf } from '../wiring.js';

/** Fields that a grouping or a bolt's `reads` names, and that the stream does not have. */
export const unknownFields = (plan: Plan): string[] =>
  eachInput(plan, (node, input, fields, name) => {
    const grouped = (input.grouping.fields ?? []).map((field) => ({ field, why: `grouped by` }));
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
        const is = sealedText(fields[field]!);
        return `"${node.name}" reads the field "${field}" as ${sealedText(wanted)}, but in the stream "${name}" it is ${is}. Declare the same type in both schemas.`;
      }),
  );

export const badGroupings = (plan: Plan): string[] =>
  eachInput(plan, (node, { grouping }, fields, name) => {
    const at = `"${node.name}" cannot read "${name}"`;
    if (!GROUPINGS.includes(grouping.how)) return [`${at} by "${grouping.how}". Use one of ${GROUPINGS.join(', ')}.`];
    if (grouping.how !== 'by') return [];
    const by = grouping.fields ?? [];
    if (by.length === 0) return [`${at} by no field at all. Name one: .by("…").`];
    return by
      .filter((field) => UNFIT_TO_GROUP.includes(fields[field]!.type))
      .map((field) => `${at} by the ${fields[field]!.type} field "${field}". Group by a text, int, time, flag or bytes field.`);
  });

/** Of `direct`, whose field is a task's number. */
export const notInts = (plan: Plan): string[] =>
  eachInput(plan, (node, { grouping }, fields, name) =>
    grouping.how !== 'direct'
      ? []
      : (grouping.fields ?? [])
          .filter((field) => sealedText(fields[field]!) !== 'int')
          .map((field) => `"${node.name}" reads "${name}" direct by "${field}", which is ${sealedText(fields[field]!)}. A task's number is an int that is never null.`),
  );

export const wrongGroupings = (plan: Plan): string[] =>
  eachInput(plan, (node, { grouping }, _fields, name) => {
    const needed = groupingText({ how: 'by', fields: node.needs ?? [] });
    if (node.needs === undefined || node.needs.length === 0 || groupingText(grouping) === needed) return [];
    const call = `.by(${node.needs.map((field) => `"${field}"`).join(', ')})`;
    return [`"${node.name}" keeps state per key and needs "${needed}", but reads "${name}" "${groupingText(grouping)}". Use ${call}.`];
  });

/** `by country, host`. */
export const groupingText = ({ how, fields }: PlanGrouping): string =>
  fields === undefined ? how : `${how} ${fields.join(', ')}`;

const GROUPINGS: readonly string[] = ['shuffle', 'by', 'all', 'global', 'direct', 'custom'] satisfies PlanGrouping['how'][];

/** Equal floats are an accident, and lists have no order. */
const UNFIT_TO_GROUP: readonly string[] = ['float', 'list'];

function fits(given: Field, wanted: Field): boolean {
  if (given.type !== wanted.type || given.pii !== wanted.pii) return false;
  if (given.nullable === true && wanted.nullable !== true) return false;
  if (given.items === undefined || wanted.items === undefined) return given.items === wanted.items;
  return fits(given.items, wanted.items);
}

const sealedText = (field: Field): string => (field.pii === undefined ? '' : `sealed ${field.pii} `) + typeText(field);

function eachInput(
  plan: Plan,
  problems: (node: PlanNode, input: PlanInput, fields: { readonly [name: string]: Field }, stream: string) => string[],
): string[] {
  return plan.nodes.flatMap((node) =>
    node.inputs.flatMap((input) => problems(node, input, streamOf(plan, input)!.schema.fields, inputName(plan, input))),
  );
}
