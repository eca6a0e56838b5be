/** `squall catalog` and `squall describe`: what ships, and what a topology takes and does. @module */
import { Command } from 'commander';
import { catalog } from '../../topology/catalog/index.js';
import type { TopologyDescription } from '../../topology/plan/describe.js';
import { loadTopology } from '../../runtime/artefact/load.js';
import { described, setOption } from '../parameters.js';
import { lookAt } from '../source.js';
import { stdoutForResult } from '../stdout.js';

export const catalogCommand = (): Command =>
  new Command('catalog')
    .description('List the topologies that ship ready to run.')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ squall catalog --json')
    .action(async ({ json }: { json?: true }) => {
      const topologies = await Promise.all(Object.values(catalog).map(loadTopology));
      const entries = topologies.map(({ name, description = '' }) => ({ name, description }));
      const text = entries.map(({ name, description }) => `${name}  ${description}`).join('\n');
      process.stdout.write(`${json ? JSON.stringify(entries) : text}\n`);
    });

export const describeCommand = (): Command =>
  new Command('describe')
    .description(
      'Show the parameters of a topology, its components, streams, fields and kinds of personal data.',
    )
    .argument('<topology>', 'a name (see "squall catalog") or the path of a file')
    .addOption(setOption())
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ squall describe canonicalize')
    .action(async (name: string, { set, json }: { set?: string[]; json?: true }) => {
      const print = stdoutForResult(json ?? false);
      const description = described(await lookAt(name), set);
      print(`${json ? JSON.stringify(description) : textOf(description)}\n`);
    });

function textOf({ name, description, parameters, components }: TopologyDescription): string {
  const head = description === undefined ? [name] : [`${name}: ${description}`];
  const parameterLines = parameters.map(
    ({ name, type, required, default: value, description = '' }) => {
      const otherwise = required
        ? 'required'
        : `default ${value === undefined ? 'none' : JSON.stringify(value)}`;
      return `  ${name} (${type}, ${otherwise})  ${description}`.trimEnd();
    },
  );
  const componentLines = components?.flatMap(({ name, role, kind, tasks, inputs, streams }) => [
    `  ${role} ${name} (${kind}), ${tasks === undefined ? 'one task per worker' : `${tasks} tasks`}`,
    ...inputs.map(
      ({ node, stream, grouping }) =>
        `    reads ${node}.${stream} (${[grouping.how, ...(grouping.fields ?? [])].join(' ')})`,
    ),
    ...streams.flatMap((stream) => [
      `    emits ${stream.name}: ${stream.schema}${stream.discarded === undefined ? '' : ` (discarded: ${stream.discarded})`}`,
      ...stream.fields.map(
        (field) =>
          `      ${field.name}: ${field.type}${field.personal.length === 0 ? '' : `  personal: ${field.personal.join(', ')}`}`,
      ),
    ]),
  ]);
  const made =
    componentLines === undefined
      ? ['components: give what is required with --set, and they are shown']
      : ['components', ...componentLines];
  return [...head, 'parameters', ...parameterLines, ...made].join('\n');
}
