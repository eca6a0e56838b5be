/** Feeds rows to one bolt. @module */
import type { Bolt } from '../../topology/dsl/bolt.js';
import type { Streams } from '../../topology/dsl/context.js';
import type { DeclaredNode } from '../../topology/dsl/topology.js';
import type { Plan, PlanNode } from '../../topology/plan/plan.js';
import type { Schema } from '../../topology/rows/schema.js';
import { collecting, runBuilt, type MemoryRunOptions } from './run-in-memory.js';
import { rowsSpout, type Given } from './rows-spout.js';

export interface Fed {
  /** What the bolt emitted, by stream, as plain objects; sealed fields stay sealed. */
  readonly streams: { readonly [stream: string]: readonly Given[] };
  readonly rejected: readonly { readonly row: number; readonly reason: string }[];
  readonly failed: readonly { readonly row: number; readonly code: string }[];
  readonly notices: readonly string[];
}

/**
 * Runs `bolt` over `rows`: one task, each row tried once, then closed. In a sealed field a raw value may be given.
 *
 * @example
 * const { streams } = await feed(geotag(Request), [{ ip: '192.0.2.1', host: 'a' }]);
 */
export async function feed<In extends object, Out extends Streams, How extends string>(
  bolt: Bolt<In, Out, How>,
  rows: readonly Given[],
  options: Pick<MemoryRunOptions, 'startMs' | 'stateDir' | 'messageTimeoutMs'> = {},
): Promise<Fed> {
  const streams: Record<string, object[]> = {};
  const nodes: DeclaredNode[] = [
    {
      name: 'input',
      role: 'spout',
      placing: {},
      inputs: [],
      component: rowsSpout(bolt.reads, rows),
    },
    {
      name: 'bolt',
      role: 'bolt',
      placing: {},
      inputs: [from('input', 'messages', bolt.needs)],
      component: bolt as unknown as Bolt<never, never>,
    },
  ];
  const schemas = bolt.emits as { readonly [stream: string]: Schema };
  for (const stream of Object.keys(schemas)) {
    const component = collecting((streams[stream] = []));
    nodes.push({
      name: `out-${stream}`,
      role: 'sink',
      placing: {},
      inputs: [from('bolt', stream)],
      component,
    });
  }
  const plan: Plan = {
    version: 1,
    name: 'feed',
    parameters: {},
    hash: '',
    nodes: nodes.map(planNode),
  };
  const components = new Map(nodes.map((node) => [node.name, node]));
  const { deadLetters, notices } = await runBuilt(
    { plan, components },
    { ...options, maxAttempts: 1, realSinks: true },
  );
  const ended = deadLetters.map(({ origin, reason }) => ({
    ...(origin as { row: number }),
    reason,
  }));
  return {
    streams: streams as Fed['streams'],
    rejected: ended.flatMap(({ row, reason }) =>
      reason.kind === 'rejected' ? [{ row, reason: reason.reason! }] : [],
    ),
    failed: ended.flatMap(({ row, reason }) =>
      reason.kind === 'rejected' ? [] : [{ row, code: reason.code ?? reason.kind }],
    ),
    notices,
  };
}

const from = (
  node: string,
  stream: string,
  needs: readonly string[] = [],
): DeclaredNode['inputs'][number] => ({
  node,
  stream,
  grouping: needs.length === 0 ? { how: 'shuffle' } : { how: 'by', fields: needs },
});

function planNode({ name, role, inputs, component }: DeclaredNode): PlanNode {
  const { kind } = component;
  return {
    name,
    role,
    kind,
    inputs: inputs.map(({ node, stream, grouping }) =>
      // A function is no plain data; `from` makes none.
      ({ node, stream, grouping: grouping.how === 'custom' ? { how: 'custom' } : grouping }),
    ),
    outputs: [],
  };
}
