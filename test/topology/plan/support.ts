/** Small topologies for the tests of plans; components that never run. @module */
import { bolt, type Bolt } from '../../../topology/dsl/bolt.js';
import { sink, type PublicRow } from '../../../topology/dsl/sink.js';
import { spout, type Spout } from '../../../topology/dsl/spout.js';
import { Stream, type Edge } from '../../../topology/dsl/stream.js';
import { topology, type Placing, type TopologyBuilder } from '../../../topology/dsl/topology.js';
import { build, type Built } from '../../../topology/plan/build.js';
import { TopologyError } from '../../../topology/plan/topology-error.js';
import { schema, type Schema } from '../../../topology/rows/schema.js';
import type { Field } from '../../../topology/rows/field.js';

export type Fields = { readonly [name: string]: Field };

/** Rows whose fields the compiler does not know: the run-time checks are on their own. */
const untyped = (title: string, fields: Fields): Schema<object> =>
  schema<object>(title, fields as never);

export const spoutOf = (fields: Fields): Spout<object> =>
  spout({ kind: 'lines', emits: untyped('lines', fields), open: () => ({ poll: () => 'done' }) });

export interface BoltParts {
  readonly reads?: Fields;
  readonly emits: { readonly [stream: string]: Fields };
  readonly needs?: readonly string[];
  readonly lineage?: unknown;
  readonly parameters?: { readonly [name: string]: unknown };
  readonly keeps?: boolean;
}

/** A bolt as a careless or hostile author might declare it. */
export function boltOf({
  reads = {},
  emits,
  ...rest
}: BoltParts): Bolt<object, { readonly [stream: string]: object }> {
  const schemas = Object.entries(emits).map(([stream, fields]) => [
    stream,
    untyped(stream, fields),
  ]);
  return bolt({
    ...rest,
    reads: untyped('read', reads),
    emits: Object.fromEntries(schemas),
    open: () => ({}),
  } as never);
}

const anySink = sink<PublicRow>({ kind: 'any', open: () => ({ write: () => undefined }) });

/** Wires a sink as if the compiler had been told to look away. */
export const cheat = (
  t: TopologyBuilder,
  name: string,
  from: Edge<object, string>,
  placing: Placing = {},
): void => t.sink(name, anySink, { ...placing, from: from as never });

/** A handle that no node returned. */
export const handle = (node: string, stream: string): Stream<never> => new Stream(node, stream);

export const built = (wire: (t: TopologyBuilder) => void): Built => build(topology('w', wire));

/** The error that the wiring is refused with. */
export function refusal(wire: (t: TopologyBuilder) => void): TopologyError {
  return errorOf(() => built(wire));
}

export function errorOf(call: () => unknown): TopologyError {
  try {
    call();
  } catch (error) {
    if (error instanceof TopologyError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}
