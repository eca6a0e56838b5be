/**
 * Makes a plan of a topology, or says what is wrong with it.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { Schema } from '../rows/schema.js';
import {
  declare,
  SPOUT_STREAM,
  type Declared,
  type DeclaredNode,
  type Topology,
} from '../dsl/topology.js';
import type { Grouping } from '../dsl/stream.js';
import { canonicalJson } from './canonical-json.js';
import { check } from './check.js';
import { suggestion } from './nearest.js';
import { parseParameters } from './parameters.js';
import type { Plan, PlanGrouping, PlanNode, PlanOutput, PlanSchema } from './plan.js';
import { streamSchema } from './stream-schema.js';
import { TopologyError } from './topology-error.js';

export interface Built {
  readonly plan: Plan;
  /** The spouts, bolts and sinks themselves, by the names of their nodes. */
  readonly components: ReadonlyMap<string, DeclaredNode>;
}

/**
 * Wires the topology, checks it, and returns its plan with the components that run it. The same
 * topology and parameters give the same hash, in every process.
 *
 * @param params for the topology's schema; defaults are filled in, and stand in the plan
 * @throws TopologyError when the parameters do not fit or the topology cannot run right
 *
 * @example
 * const { plan } = build(topology, { file: 'access.log' });
 */
export function build(topology: Topology, params?: unknown): Built {
  const parameters = parseParameters(topology, params);
  const declared = declare(topology, parameters);
  const plan = plainOf(topology.name, {
    version: 1,
    name: topology.name,
    parameters: parameters as Plan['parameters'],
    nodes: declared.nodes.map((node) => planNode(node, declared.discards)),
  });
  check(plan);
  const strange = strangeDiscards(declared);
  if (strange.length > 0) throw new TopologyError('unknown-stream', topology.name, strange);
  const components = new Map(declared.nodes.map((node) => [node.name, node]));
  const unfit = unfitSinks(components);
  if (unfit.length > 0) throw new TopologyError('unfit-sink', topology.name, unfit);
  return { plan: { ...plan, hash: hashOf(plan) }, components };
}

type Unhashed = Omit<Plan, 'hash'>;

const hashOf = (plan: Unhashed): string =>
  createHash('sha256').update(canonicalJson(plan)).digest('hex');

/** As JSON gives it back: nothing is shared with the declaration. The order of fields stays: rows are laid out by it. */
function plainOf(name: string, plan: Unhashed): Unhashed {
  refuseStrangeValues(name, 'The topology', plan.parameters);
  for (const { name: node, parameters, lineage } of plan.nodes)
    refuseStrangeValues(name, `"${node}"`, { parameters, lineage });
  return JSON.parse(JSON.stringify(plan)) as Unhashed;
}

function refuseStrangeValues(topology: string, who: string, declared: unknown): void {
  try {
    canonicalJson(declared);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TopologyError('not-json', topology, [
      `${who} has parameters that are no plain JSON. ${error.message} A plan is data: give strings, numbers, flags, lists and objects.`,
    ]);
  }
}

function planNode(node: DeclaredNode, discards: Declared['discards']): PlanNode {
  const { name, role, component, placing } = node;
  const ofSpout = role === 'spout' ? node.component.tasks : undefined;
  // Not ??: a null is no number of tasks, and must be refused.
  const tasks = placing.tasks === undefined ? ofSpout : placing.tasks;
  return {
    name,
    role,
    kind: component.kind,
    ...defined({ parameters: component.parameters, tasks, worker: placing.worker }),
    ...(role === 'bolt' && boltParts(node.component)),
    inputs: node.inputs.map(({ node: from, stream, grouping }) => ({
      node: from,
      stream,
      grouping: planGrouping(grouping),
    })),
    outputs: outputsOf(node).map((output) => {
      const discarded = discards.find(
        (each) => each.node === name && each.stream === output.stream,
      )?.reason;
      return { ...output, ...defined({ discarded }) };
    }),
  };
}

function boltParts({
  reads,
  needs,
  keeps,
  remembers,
  lineage,
}: (DeclaredNode & { role: 'bolt' })['component']): Partial<PlanNode> {
  return {
    reads: planSchema(reads),
    ...defined({ needs, remembers, lineage }),
    ...(keeps === true && { keeps }),
  };
}

function outputsOf(node: DeclaredNode): PlanOutput[] {
  if (node.role === 'sink') return [];
  if (node.role === 'spout')
    return [{ stream: SPOUT_STREAM, schema: planSchema(node.component.emits) }];
  const emits = Object.entries<Schema>(node.component.emits).map(([stream, schema]) => ({
    stream,
    schema: planSchema(schema),
  }));
  // In a list order counts; that of an object's keys must not change the hash.
  return emits.sort((a, b) => (a.stream < b.stream ? -1 : 1));
}

const planSchema = ({ title, fields }: Schema): PlanSchema => ({
  title,
  fields: fields as PlanSchema['fields'],
});

/** What a custom grouping does is not data; that it is one, is. */
const planGrouping = (grouping: Grouping): PlanGrouping =>
  'fields' in grouping ? { how: grouping.how, fields: grouping.fields } : { how: grouping.how };

/** The plan alone cannot tell: what a sink needs of its rows is its own to say. */
function unfitSinks(components: Built['components']): string[] {
  return [...components.values()].flatMap((node) => {
    const [first] = node.inputs;
    if (node.role !== 'sink' || first === undefined) return [];
    try {
      node.component.fits?.(streamSchema(components.get(first.node)!, first.stream));
      return [];
    } catch (error) {
      return [`"${node.name}": ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}

function strangeDiscards({ nodes, discards }: Declared): string[] {
  const streams = nodes.flatMap((node) =>
    outputsOf(node).map(({ stream }) => `${node.name}.${stream}`),
  );
  return discards
    .map(({ node, stream }) => `${node}.${stream}`)
    .filter((stream) => !streams.includes(stream))
    .map(
      (stream) =>
        `The stream "${stream}" is discarded, but nothing here writes it.${suggestion(stream, streams)}`,
    );
}

/** Without the members that are undefined. */
function defined<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as never;
}
