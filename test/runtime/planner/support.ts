/** Plans for the tests of placing. @module */
import type { Plan, PlanInput, PlanNode } from '../../../topology/plan/plan.js';

export type How = PlanInput['grouping']['how'];

export interface NodeParts {
  readonly role?: PlanNode['role'];
  readonly tasks?: number;
  readonly worker?: number;
  readonly emits?: readonly string[];
  /** What it reads: names of nodes, and how. */
  readonly from?: { readonly [node: string]: How };
}

export function planOf(nodes: { readonly [name: string]: NodeParts }): Plan {
  const each = ([name, { role, from = {}, tasks, worker, emits = [] }]: [
    string,
    NodeParts,
  ]): PlanNode => ({
    name,
    role: role ?? (Object.keys(from).length === 0 ? 'spout' : 'bolt'),
    kind: 'test',
    ...(tasks !== undefined && { tasks }),
    ...(worker !== undefined && { worker }),
    inputs: Object.entries(from).map(([node, how]) => ({
      node,
      stream: 'messages',
      grouping: how === 'by' || how === 'direct' ? { how, fields: ['key'] } : { how },
    })),
    outputs: emits.map((stream) => ({ stream, schema: { title: stream, fields: {} } })),
  });
  return {
    version: 1,
    name: 'test',
    parameters: {},
    nodes: Object.entries(nodes).map(each),
    hash: '',
  };
}
