/**
 * A plan to look at: as lines of text, as a Mermaid flowchart, as Graphviz dot, or as JSON.
 *
 * @module
 */
import { fieldsReport, originText, type FieldReport } from './lineage.js';
import type { Plan, PlanInput, PlanNode } from './plan.js';
import { groupingText, inputName, streamName } from './wiring.js';

export const GRAPH_FORMATS = ['text', 'mermaid', 'dot', 'json'] as const;

export type GraphFormat = (typeof GRAPH_FORMATS)[number];

export interface GraphOptions {
  /** Adds every field of every stream: its type, the personal kinds that it may show, and where it comes from. */
  readonly fields?: boolean;
}

/**
 * @example
 * process.stdout.write(graph(plan, 'text', { fields: true }));
 */
export function graph(
  plan: Plan,
  format: GraphFormat,
  { fields = false }: GraphOptions = {},
): string {
  const report = fields ? fieldsReport(plan) : [];
  if (format === 'json')
    return `${JSON.stringify(fields ? { ...plan, fields: report } : plan, null, 2)}\n`;
  const lines = { text: textLines, mermaid: mermaidLines, dot: dotLines }[format](plan, report);
  return lines.map((line) => `${line}\n`).join('');
}

function textLines(plan: Plan, report: readonly FieldReport[]): string[] {
  const width = (texts: string[]): number => Math.max(...texts.map((text) => text.length));
  const nameWidth = width(plan.nodes.map(({ name }) => name));
  const workWidth = width(plan.nodes.map(work));
  return plan.nodes.flatMap((node) => {
    const inputs = node.inputs.map(
      (input) => `${inputName(plan, input)} (${groupingText(input.grouping)})`,
    );
    const from = inputs.length === 0 ? '' : `<- ${inputs.join(', ')}`;
    const line = [
      node.role.padEnd(5),
      node.name.padEnd(nameWidth),
      work(node).padEnd(workWidth),
      from,
    ].join('  ');
    return [line.trimEnd(), ...streamLines(node, report).map((more) => `  ${more}`)].map(oneLine);
  });
}

function mermaidLines(plan: Plan, report: readonly FieldReport[]): string[] {
  // Ids of our own: "end" and others are words of Mermaid's.
  const id = ({ name }: { name: string }): string =>
    `n${plan.nodes.findIndex((node) => node.name === name)}`;
  const nodes = plan.nodes.map((node) => {
    const [open, close] = { spout: ['([', '])'], bolt: ['[', ']'], sink: ['[(', ')]'] }[node.role];
    return `  ${id(node)}${open}"${labelLines(node, report).map(mermaidText).join('<br/>')}"${close}`;
  });
  const edges = edgesOf(plan).map(
    ([node, input]) =>
      `  ${id({ name: input.node })} -- "${mermaidText(edgeText(input))}" --> ${id(node)}`,
  );
  return ['flowchart LR', ...nodes, ...edges];
}

function dotLines(plan: Plan, report: readonly FieldReport[]): string[] {
  const nodes = plan.nodes.map((node) => {
    const shape = { spout: 'cds', bolt: 'box', sink: 'cylinder' }[node.role];
    return `  ${dotText([node.name])} [shape=${shape}, label=${dotText(labelLines(node, report))}];`;
  });
  const edges = edgesOf(plan).map(
    ([node, input]) =>
      `  ${dotText([input.node])} -> ${dotText([node.name])} [label=${dotText([edgeText(input)])}];`,
  );
  return [`digraph ${dotText([plan.name])} {`, '  rankdir=LR;', ...nodes, ...edges, '}'];
}

/** What runs, and in how many tasks. */
const work = ({ kind, tasks }: PlanNode): string =>
  tasks === undefined ? kind : `${kind} x${tasks}`;

const edgesOf = (plan: Plan): [PlanNode, PlanInput][] =>
  plan.nodes.flatMap((node) => node.inputs.map((input): [PlanNode, PlanInput] => [node, input]));

const edgeText = ({ stream, grouping }: PlanInput): string =>
  `${stream} (${groupingText(grouping)})`;

const labelLines = (node: PlanNode, report: readonly FieldReport[]): string[] => [
  node.name,
  work(node),
  ...streamLines(node, report),
];

/** What is discarded, and with a report every field. */
function streamLines(node: PlanNode, report: readonly FieldReport[]): string[] {
  return node.outputs.flatMap(({ stream, discarded }) => {
    const fields = report.filter((field) => field.node === node.name && field.stream === stream);
    if (discarded === undefined && fields.length === 0) return [];
    const why = discarded === undefined ? '' : ` discarded: ${discarded}`;
    return [`${streamName(node, stream)}${why}`, ...fields.map((field) => `  ${fieldText(field)}`)];
  });
}

/** `ip: text <- ip.truncate {v4: 24, v6: 48} of ip`; what it may show stands in brackets. */
function fieldText({ field, type, labels, origin }: FieldReport): string {
  const shows = labels.length === 0 ? '' : ` [${labels.join(', ')}]`;
  return `${field}: ${type}${shows}${origin === undefined ? '' : ` <- ${originText(origin)}`}`;
}

/** Mermaid's entities begin with `#`. Spaces at the start would be lost. */
const mermaidText = (text: string): string =>
  oneLine(text).replace(/[#"&<>`\\]|^ +/g, (found) =>
    [...found].map((character) => `#${character.charCodeAt(0)};`).join(''),
  );

/** A quoted id of Graphviz; several lines are set left. */
const dotText = (lines: readonly string[]): string => {
  const escaped = lines.map((line) => oneLine(line).replace(/["\\]/g, '\\$&'));
  return `"${escaped.length === 1 ? escaped[0] : escaped.map((line) => `${line}\\l`).join('')}"`;
};

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ');
