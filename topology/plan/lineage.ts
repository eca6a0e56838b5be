/**
 * Follows personal data through a plan, field by field.
 *
 * A field's labels are the kinds of personal data that it may still show: its own declared kind
 * and those of the fields it comes from. Only `declassify` takes labels away. A field that a bolt
 * says nothing about counts as derived from all that the bolt reads; that is complete, because
 * rows carry no more than the fields of their schema. Types play no part here: the plan alone decides.
 *
 * @module
 */
import type { Origin } from '../dsl/lineage.js';
import { typeText, type Field } from '../rows/field.js';
import type { PiiKind } from '../rows/pii.js';
import type { Plan, PlanNode, PlanOutput } from './plan.js';
import { nodeNamed, outputOf, streamName } from './wiring.js';

/** One field of one stream. */
export interface FieldAt {
  readonly node: PlanNode;
  readonly output: PlanOutput;
  readonly field: string;
}

/** Where a bolt's output field comes from; `all`: undeclared, so from everything that the bolt reads. */
export type FieldOrigin = Origin | { readonly how: 'all'; readonly from: readonly string[] };

/** Undefined for a field that a spout emits: it begins there. */
export function originOf({ node, output, field }: FieldAt): FieldOrigin | undefined {
  if (node.role === 'spout') return undefined;
  // Own members only: a stream may be called "constructor".
  const declared = own(own(node.lineage, output.stream), field);
  return declared ?? { how: 'all', from: Object.keys(node.reads?.fields ?? {}) };
}

/** The fields that this one is made from, in every input of its bolt. */
export function sourcesOf(plan: Plan, at: FieldAt): FieldAt[] {
  const from = originOf(at)?.from ?? [];
  return at.node.inputs.flatMap(({ node: name, stream }) => {
    const node = nodeNamed(plan, name)!;
    const output = outputOf(node, stream)!;
    return from
      .filter((field) => Object.hasOwn(output.schema.fields, field))
      .map((field) => ({ node, output, field }));
  });
}

/** Gives the labels of fields of `plan`, which must be well wired and without cycles. */
export function labelsIn(plan: Plan): (at: FieldAt) => ReadonlySet<PiiKind> {
  const known = new Map<string, ReadonlySet<PiiKind>>();
  return function labelsOf(at): ReadonlySet<PiiKind> {
    const key = fieldName(at);
    const before = known.get(key);
    if (before !== undefined) return before;
    const sources = originOf(at)?.how === 'declassify' ? [] : sourcesOf(plan, at);
    const inherited = sources.flatMap((source) => [...labelsOf(source)]);
    const labels = new Set([...kindsOf(at.output.schema.fields[at.field]!), ...inherited]);
    known.set(key, labels);
    return labels;
  };
}

/** `parse.requests.ip`. */
export const fieldName = ({ node, output, field }: FieldAt): string =>
  `${streamName(node, output.stream)}.${field}`;

export const fieldsAt = (node: PlanNode): FieldAt[] =>
  node.outputs.flatMap((output) =>
    Object.keys(output.schema.fields).map((field) => ({ node, output, field })),
  );

/** What a reviewer reads about one field of one stream. */
export interface FieldReport {
  readonly node: string;
  readonly stream: string;
  readonly field: string;
  readonly type: string;
  /** The kinds that it is declared to hold raw. */
  readonly kinds: readonly PiiKind[];
  /** All kinds that it may still show. */
  readonly labels: readonly PiiKind[];
  /** Absent where the field begins: in a spout. */
  readonly origin?: FieldOrigin;
}

/** Every field of every stream, in the order of the plan: the data behind `squall graph --fields`. */
export function fieldsReport(plan: Plan): FieldReport[] {
  const labelsOf = labelsIn(plan);
  return plan.nodes.flatMap(fieldsAt).map((at) => {
    const field = at.output.schema.fields[at.field]!;
    const origin = originOf(at);
    return {
      node: at.node.name,
      stream: at.output.stream,
      field: at.field,
      type: typeText(field),
      kinds: kindsOf(field),
      labels: [...labelsOf(at)].sort(),
      ...(origin !== undefined && { origin }),
    };
  });
}

/** `ip.truncate {v4: 24, v6: 48} of ip`. */
export function originText(origin: FieldOrigin): string {
  const from = origin.from.length === 0 ? 'nothing' : origin.from.join(', ');
  if (origin.how === 'copy') return from;
  if (origin.how === 'derive') return `derived from ${from}`;
  if (origin.how === 'all') return `undeclared: all of ${from}`;
  const parameters = Object.entries(origin.parameters).map(
    ([name, value]) => `${name}: ${JSON.stringify(value)}`,
  );
  return [
    origin.method,
    ...(parameters.length === 0 ? [] : [`{${parameters.join(', ')}}`]),
    'of',
    from,
  ].join(' ');
}

/** The kinds of personal data that the field is declared to hold, those of a list's entries too. */
export const kindsOf = (field: Field): PiiKind[] => [
  ...(field.pii === undefined ? [] : [field.pii]),
  ...(field.items === undefined ? [] : kindsOf(field.items)),
];

const own = <T>(members: { readonly [name: string]: T } | undefined, name: string): T | undefined =>
  members !== undefined && Object.hasOwn(members, name) ? members[name] : undefined;
