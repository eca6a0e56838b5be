/** What can be wrong with how nodes are wired. @module */
import { suggestion } from '../nearest.js';
import type { Plan, PlanInput } from '../plan.js';
import { nodeNamed, streamName } from '../wiring.js';

export const missingInputs = ({ nodes }: Plan): string[] =>
  nodes
    .filter(({ role, inputs }) => role !== 'spout' && inputs.length === 0)
    .map(
      ({ role, name }) =>
        `The ${role} "${name}" has no input. Wire one: { from: stream.shuffle() }.`,
    );

export const unknownNodes = (plan: Plan): string[] =>
  eachInput(plan, (reader, input) => {
    if (nodeNamed(plan, input.node) !== undefined) return undefined;
    const names = plan.nodes.map(({ name }) => name);
    const known = suggestion(input.node, names);
    return `"${reader}" reads "${input.node}.${input.stream}", but there is no node "${input.node}" here.${known}${STRANGE_HANDLE}`;
  });

export const unknownStreams = (plan: Plan): string[] =>
  eachInput(plan, (reader, input) => {
    const { outputs } = nodeNamed(plan, input.node)!;
    const streams = outputs.map(({ stream }) => stream);
    if (streams.includes(input.stream)) return undefined;
    const known = suggestion(input.stream, streams);
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
    // Found against the stream, told along it.
    const way = search(name, [])?.toReversed().join(' -> ');
    if (way !== undefined)
      return [`Rows would go round for ever: ${way}. Take one of these inputs away.`];
  }
  return [];
}

export const unreadStreams = (plan: Plan): string[] =>
  eachOutput(plan, (name, read, discarded) =>
    read || discarded
      ? undefined
      : `Nothing reads the stream "${name}". Wire it, or discard it with t.discard(stream, reason).`,
  );

export const readAndDiscarded = (plan: Plan): string[] =>
  eachOutput(plan, (name, read, discarded) =>
    read && discarded
      ? `The stream "${name}" is discarded, but it is read, too. Take away the t.discard or the input.`
      : undefined,
  );

/** Also a reason that is no text: a plan may come from JavaScript. */
export const discardedForNoReason = ({ nodes }: Plan): string[] =>
  nodes.flatMap((node) =>
    node.outputs
      .filter(
        ({ discarded: reason }) =>
          reason !== undefined && !(typeof reason === 'string' && /\S/.test(reason)),
      )
      .map(
        ({ stream }) =>
          `The stream "${streamName(node, stream)}" is discarded for no reason. Say why nobody reads it: t.discard(stream, reason).`,
      ),
  );

function eachInput(
  plan: Plan,
  problem: (reader: string, input: PlanInput) => string | undefined,
): string[] {
  const found = plan.nodes.flatMap(({ name, inputs }) =>
    inputs.map((input) => problem(name, input)),
  );
  return found.filter((text) => text !== undefined);
}

function eachOutput(
  plan: Plan,
  problem: (name: string, read: boolean, discarded: boolean) => string | undefined,
): string[] {
  const inputs = plan.nodes.flatMap((node) => node.inputs);
  const found = plan.nodes.flatMap((node) =>
    node.outputs.map(({ stream, discarded }) => {
      const read = inputs.some((input) => input.node === node.name && input.stream === stream);
      return problem(streamName(node, stream), read, discarded !== undefined);
    }),
  );
  return found.filter((text) => text !== undefined);
}
