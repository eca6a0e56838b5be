/**
 * No raw personal value may reach a sink, and nobody may claim a lineage that cannot be.
 *
 * @module
 */
import {
  fieldName,
  fieldsAt,
  kindsOf,
  labelsIn,
  originOf,
  originText,
  sourcesOf,
  type FieldAt,
  type FieldOrigin,
} from '../lineage.js';
import { suggestion } from '../nearest.js';
import type { Plan, PlanNode } from '../plan.js';
import { outputOf } from '../wiring.js';

/** Lineage that names what the bolt neither reads nor emits, or that is no lineage. */
export const badLineage = (plan: Plan): string[] =>
  plan.nodes.flatMap((node) =>
    Object.entries(node.lineage ?? {}).flatMap(([stream, fields]) => {
      const output = outputOf(node, stream);
      if (output !== undefined)
        return Object.keys(fields).flatMap((field) => badOrigin({ node, output, field }));
      const emitted = node.outputs.map((each) => each.stream);
      const known = suggestion(stream, emitted);
      return [
        `The lineage of "${node.name}" names the stream "${stream}", which it does not emit.${known}`,
      ];
    }),
  );

function badOrigin(at: FieldAt): string[] {
  const emitted = Object.keys(at.output.schema.fields);
  const read = Object.keys(at.node.reads?.fields ?? {});
  const names = `The lineage of "${at.node.name}" for "${fieldName(at)}" names`;
  if (!emitted.includes(at.field))
    return [`${names} a field that the stream does not have.${suggestion(at.field, emitted)}`];
  const origin = originOf(at)!;
  if (!isOrigin(origin))
    return [`${names} no origin. Use copy, derive or declassify, which names its method.`];
  return origin.from
    .filter((field) => !read.includes(field))
    .map(
      (field) =>
        `${names} the field "${field}", which the bolt does not read.${suggestion(field, read)}`,
    );
}

const isOrigin = (origin: Partial<FieldOrigin> & { readonly method?: unknown }): boolean =>
  Array.isArray(origin.from) &&
  (origin.how === 'copy' ||
    origin.how === 'derive' ||
    (origin.how === 'declassify' &&
      typeof origin.method === 'string' &&
      origin.method.trim() !== '' &&
      origin.parameters !== undefined));

/** Fields that may still show raw personal data where a sink reads them, each with the way it came. */
export function personalData(plan: Plan): string[] {
  const labelsOf = labelsIn(plan);
  return plan.nodes
    .filter(({ role }) => role === 'sink')
    .flatMap((sink) => {
      const leaking = fieldsReadBy(plan, sink).filter((at) => labelsOf(at).size > 0);
      return leaking.map((at) => leak(sink, pathTo(at), [...labelsOf(at)].sort()));
    });

  /** From where the data begins; at every step a field that shows as much as the next, while there is one. */
  function pathTo(at: FieldAt): FieldAt[] {
    const sources = sourcesOf(plan, at);
    const shows = (source: FieldAt): boolean =>
      [...labelsOf(at)].some((kind) => labelsOf(source).has(kind));
    const source = sources.find(shows) ?? sources.find((each) => labelsOf(each).size > 0);
    return source === undefined ? [at] : [...pathTo(source), at];
  }
}

function fieldsReadBy(plan: Plan, sink: PlanNode): FieldAt[] {
  const streams = new Set(sink.inputs.map(({ node, stream }) => `${node}.${stream}`));
  return plan.nodes
    .flatMap(fieldsAt)
    .filter(({ node, output }) => streams.has(`${node.name}.${output.stream}`));
}

/** The way in one line, then a line per hop. */
function leak(sink: PlanNode, path: readonly FieldAt[], kinds: readonly string[]): string {
  const way = [...path.map(fieldName), sink.name].join(' -> ');
  return [
    `Raw personal data (${kinds.join(', ')}) would reach the sink "${sink.name}": ${way}`,
    ...path.map((at) => `${fieldName(at)}: ${hop(at)}`),
    advice(path, sink),
  ].join('\n    ');
}

function hop(at: FieldAt): string {
  const kinds = kindsAt(at).map((kind) => `declared ${kind}`);
  const origin = originOf(at);
  return [...kinds, ...(origin === undefined ? [] : [originText(origin)])].join(', ');
}

const kindsAt = ({ output, field }: FieldAt): string[] => kindsOf(output.schema.fields[field]!);

function advice(path: readonly FieldAt[], sink: PlanNode): string {
  const silent = path.find((at) => originOf(at)?.how === 'all' && kindsAt(at).length === 0);
  if (silent !== undefined)
    return `"${silent.node.name}" does not say where "${silent.field}" comes from, so it counts as made of all that the bolt reads. Say so in its lineage: copy(field), derive(…fields), or declassify(method, parameters, …fields) for a reviewed method.`;
  const { node, field } = path.at(-1)!;
  const anonymize = `Anonymize "${field}" before "${sink.name}"`;
  if (node.role === 'spout') return `${anonymize}.`;
  return `${anonymize}, or say in the lineage of "${node.name}" which reviewed method makes it safe: declassify(method, parameters, …fields).`;
}
