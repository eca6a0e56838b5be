/** What a topology takes and what it is made of, as plain data for whoever prints it. @module */
import type { PiiKind } from '../rows/pii.js';
import type { Topology } from '../dsl/topology.js';
import { build } from './build.js';
import { typeText } from '../rows/field.js';
import { kindsOf } from './lineage.js';
import { parametersOf, type ParameterDescription } from './parameters.js';
import type { PlanInput, PlanNode, PlanSchema } from './plan.js';

export interface TopologyDescription {
  readonly name: string;
  readonly description?: string;
  readonly parameters: readonly ParameterDescription[];
  /** Absent when a parameter that has no default was not given: which components there are may hang on it. */
  readonly components?: readonly ComponentDescription[];
}

export interface ComponentDescription {
  readonly name: string;
  readonly role: PlanNode['role'];
  readonly kind: string;
  readonly parameters?: { readonly [name: string]: unknown };
  /** Absent: one per worker. */
  readonly tasks?: number;
  readonly inputs: readonly PlanInput[];
  readonly streams: readonly StreamDescription[];
}

export interface StreamDescription {
  readonly name: string;
  readonly schema: string;
  readonly discarded?: string;
  readonly fields: readonly {
    readonly name: string;
    readonly type: string;
    readonly personal: readonly PiiKind[];
  }[];
}

/**
 * @param params as for `build`
 * @throws TopologyError when the parameters given do not fit or the topology cannot run right
 */
export function describe(topology: Topology, params: object = {}): TopologyDescription {
  const parameters = parametersOf(topology);
  const missing = parameters.some(({ name, required }) => required && !Object.hasOwn(params, name));
  return {
    name: topology.name,
    ...(topology.description !== undefined && { description: topology.description }),
    parameters,
    ...(!missing && { components: build(topology, params).plan.nodes.map(componentOf) }),
  };
}

const componentOf = ({
  name,
  role,
  kind,
  parameters,
  tasks,
  inputs,
  outputs,
}: PlanNode): ComponentDescription => ({
  name,
  role,
  kind,
  ...(parameters !== undefined && { parameters }),
  ...(tasks !== undefined && { tasks }),
  inputs,
  streams: outputs.map(({ stream, schema, discarded }) => ({
    name: stream,
    schema: schema.title,
    ...(discarded !== undefined && { discarded }),
    fields: fieldsOf(schema),
  })),
});

const fieldsOf = ({ fields }: PlanSchema): StreamDescription['fields'] =>
  Object.entries(fields).map(([name, field]) => ({
    name,
    type: typeText(field),
    personal: kindsOf(field),
  }));
