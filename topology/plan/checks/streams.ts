/** What can be wrong with how nodes are wired. @module */
import { suggestion } from '../nearest.js';
import type { Plan } from '../plan.js';
import { nodeNamed, outputOf, streamName } from '../wiring.js';

export const missingInputs = ({ nodes }: Plan): string[] =>
  nodes
    .filter(({ role, inputs }) => role !== 'spout' && inputs.length === 0)
    .map(({ role, name }) => `The ${role} "${name}" has no input. Wire one: { from: stream.shuffle() }.`);

export const unknownNodes = (plan: Plan): string[] =>
  eachInput(plan, (reader, input) => {
    if (nodeNamed(plan, input.node) !== undefined) return undefined;
    const known = suggestion(input.node, plan.nodes.map(({ name }) => name));
    return `"${reader}" reads "${input.node}.${input.stream}", but there is no node "${input.node}" here.${known}${STRANGE_HANDLE}`;
  });

export const unknownStreams = (plan: Plan): string[] =>
  eachInput(plan, (reader, input) => {
    const node = nodeNamed(plan, input.node)!;
    if (outputOf(node, input.stream) !== undefined) return undefined;
    const known = suggestion(input.stream, node.outputs.map(({ stream }) => stream));
    return `"${reader}" reads "${input.node}.${input.stream}", but "${input.node}" has no stream "${input.stream}".${known}${STRANGE_HANDLE}`;
  });

const STRANGE_HANDLE = ' Use a stream that this topology returned, not one of another.';

/** The first cycle found, as its path. */
export function cycles(plan: Plan): string[] {
  const done = new Set<string>();
  const search = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    done.add(name);
    for (const { node } of nodeNamed(plan, name)!.inputs) {
      const cycle = search(node, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    return undefined;
  };
  for (const { name } of plan.nodes) {
    const cycle = search(name, []);
    // Found against the stream, told along it.
    if (cycle !== undefined) return [`Rows would go round for ever: ${[...cycle].reverse().join(' -> ')}. Take one of these inputs away.`];
  }
  return [];
}

export const unreadStreams = (plan: Plan): string[] =>
  eachOutput(plan, (name, read, discarded) =>
    read || discarded ? undefined : `Nothing reads the stream "${name}". Wire it, or discard it with t.discard(stream, reason).`,
  );

export const readAndDiscarded = (plan: Plan): string[] =>
  eachOutput(plan, (name, read, discarded) =>
    read && discarded ? `The stream "${name}" is discarded, but it is read, too. Take away the t.discard or the input.` : undefined,
  );

function eachInput(plan: Plan, problem: (reader: string, input: Plan['nodes'][number]['inputs'][number]) => string | undefined): string[] {
  const found = plan.nodes.flatMap(({ name, inputs }) => inputs.map((input) => problem(name, input)));
  return found.filter((text) => text !== undefined);
}

function eachOutput(plan: Plan, problem: (name: string, read: boolean, discarded: boolean) => string | undefined): string[] {
  const inputs = plan.nodes.flatMap((node) => node.inputs);
  const found = plan.nodes.flatMap((node) =>
    node.outputs.map(({ stream, discarded }) => {
      const read = inputs.some((input) => input.node === node.name && input.stream === stream);
      return problem(streamName(node, stream), read, discarded !== undefined);
    }),
  );
  return found.filter((text) => text !== undefined);
}
