/** Looking things up in a plan, and what streams are called in messages and graphs. @module */
import { SPOUT_STREAM } from '../dsl/topology.js';
import type { Plan, PlanGrouping, PlanInput, PlanNode, PlanOutput } from './plan.js';

export const nodeNamed = (plan: Plan, name: string): PlanNode | undefined =>
  plan.nodes.find((node) => node.name === name);

export const outputOf = (node: PlanNode, stream: string): PlanOutput | undefined =>
  node.outputs.find((output) => output.stream === stream);

/** The stream that an input reads; undefined when nothing writes it. */
export function streamOf(
  plan: Plan,
  input: Pick<PlanInput, 'node' | 'stream'>,
): PlanOutput | undefined {
  const node = nodeNamed(plan, input.node);
  return node && outputOf(node, input.stream);
}

/** `parse.requests`; a spout, which has one stream, gives it its own name. */
export const streamName = (node: PlanNode, stream: string): string =>
  node.role === 'spout' && stream === SPOUT_STREAM ? node.name : `${node.name}.${stream}`;

/** How the input is named in messages. */
export function inputName(plan: Plan, input: Pick<PlanInput, 'node' | 'stream'>): string {
  const node = nodeNamed(plan, input.node);
  return node ? streamName(node, input.stream) : `${input.node}.${input.stream}`;
}

/** `by country, host`. */
export const groupingText = ({ how, fields }: PlanGrouping): string =>
  fields === undefined ? how : `${how} ${fields.join(', ')}`;
