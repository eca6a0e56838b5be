/** Declaring a topology: named nodes, wired by the streams they return. @module */
import type { z } from 'zod';
import type { Bolt } from './bolt.js';
import type { Streams } from './context.js';
import type { PublicRow, Sink } from './sink.js';
import type { Spout } from './spout.js';
import { Stream, type Edge, type Input } from './stream.js';

export interface Placing {
  /** How many tasks share the work. By default one per worker, or what the spout says. */
  readonly tasks?: number;
  /** Puts every task into this worker, from 0. */
  readonly worker?: number;
}

export interface Wiring<T extends object, How extends string> extends Placing {
  readonly from: Edge<T, How>;
}

/** What `wire` builds with. */
export interface TopologyBuilder {
  spout<T extends object>(name: string, spout: Spout<T>, placing?: Placing): Stream<T>;

  bolt<In extends object, Out extends Streams, How extends string>(
    name: string,
    bolt: Bolt<In, Out, How>,
    wiring: Wiring<In, How>,
  ): { readonly [S in keyof Out]: Stream<Out[S]> };

  sink<In extends PublicRow>(name: string, sink: Sink<In>, wiring: Wiring<In, string>): void;

  /** Says that nobody reads a stream on purpose, and why. */
  discard(stream: Stream<object>, reason: string): void;
}

/** A topology before it is built: `build` (in `topology/plan`) wires and checks it. */
export interface Topology {
  readonly name: string;
  /** A zod object; without one the topology takes no parameters. */
  readonly params?: z.ZodType;
  readonly description?: string;
  readonly wire: (t: TopologyBuilder, params: never) => void;
}

/**
 * Declares a topology. `export default` it; `squall run` finds it there.
 *
 * @example
 * export default topology('hello', (t) => {
 *   const lines = t.spout('lines', generate({ lines: 1000 }));
 *   const { requests } = t.bolt('parse', parse({ format: 'udp2log', emits: Hit }), { from: lines.shuffle() });
 *   t.sink('print', jsonLines(), { from: requests.shuffle() });
 * });
 */
export function topology(name: string, wire: (t: TopologyBuilder) => void): Topology;
export function topology<P extends z.ZodType>(
  name: string,
  options: { readonly params: P; readonly description?: string },
  wire: (t: TopologyBuilder, params: z.output<P>) => void,
): Topology;
export function topology(
  name: string,
  options: Topology['wire'] | { params: z.ZodType; description?: string },
  wire?: Topology['wire'],
): Topology {
  if (typeof options === 'function') return { name, wire: options };
  return { name, ...options, wire: wire! };
}

/** A node as it was declared. */
export type DeclaredNode = {
  readonly name: string;
  readonly placing: Placing;
  readonly inputs: readonly Input[];
} & (
  | { readonly role: 'spout'; readonly component: Spout<object> }
  | { readonly role: 'bolt'; readonly component: Bolt<never, never> }
  | { readonly role: 'sink'; readonly component: Sink<never> }
);

export interface Declared {
  readonly nodes: readonly DeclaredNode[];
  readonly discards: readonly {
    readonly node: string;
    readonly stream: string;
    readonly reason: string;
  }[];
}

/** The only output stream of a spout. */
export const SPOUT_STREAM = 'messages';

/** Runs `wire` once and returns what it declared, unchecked. @throws Error when it is async, and what it throws */
export function declare(topology: Topology, params: unknown): Declared {
  const nodes: DeclaredNode[] = [];
  const discards: { node: string; stream: string; reason: string }[] = [];
  const add = (
    role: string,
    name: string,
    component: unknown,
    wiring: Partial<Wiring<object, string>>,
  ): void => {
    const { from, ...placing } = wiring;
    nodes.push({ name, role, component, placing, inputs: from?.inputs ?? [] } as DeclaredNode);
  };
  const returned: unknown = topology.wire(
    {
      spout(name, spout, placing = {}) {
        add('spout', name, spout, placing);
        return new Stream(name, SPOUT_STREAM);
      },
      bolt(name, bolt, wiring) {
        add('bolt', name, bolt, wiring);
        const streams = Object.keys(bolt.emits).map((stream) => [stream, new Stream(name, stream)]);
        return Object.fromEntries(streams);
      },
      sink(name, sink, wiring) {
        add('sink', name, sink, wiring);
      },
      discard({ node, stream }, reason) {
        discards.push({ node, stream, reason });
      },
    },
    params as never,
  );
  // What it declared after an await would be missing.
  if (returned instanceof Promise)
    throw new Error('wire is async. Wire without awaiting; await above topology(…).');
  return { nodes, discards };
}
