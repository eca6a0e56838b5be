/** `squall validate` and `squall graph`: look at a topology without running it. @module */
import { Command, Option } from 'commander';
import { build } from '../../topology/plan/build.js';
import { graph } from '../../topology/plan/graph.js';
import { parametersFrom } from '../parameters.js';
import { findTopology } from '../source.js';

const collect = (value: string, values: string[]): string[] => [...values, value];

const ARGUMENT = ['<topology>', 'a name (see "squall catalog") or the path of a file'] as const;
const SET = ['--set <name=value>', 'a parameter of the topology; may be given again', collect, [] as string[]] as const;

export const validateCommand = (): Command =>
  new Command('validate')
    .description('Compile and check a topology: its types, wiring, groupings, and that no raw personal data reaches a sink.')
    .argument(...ARGUMENT)
    .option(...SET)
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  $ squall validate my-topology.ts')
    .action(async (name: string, { set, json }: { set: string[]; json?: true }) => {
      const { topology } = await findTopology(name);
      const { plan } = build(topology, parametersFrom(topology, set));
      const valid = { topology: plan.name, valid: true, nodes: plan.nodes.length, hash: plan.hash };
      process.stdout.write(json ? `${JSON.stringify(valid)}\n` : `${plan.name} is valid: ${plan.nodes.length} nodes, plan ${plan.hash.slice(0, 16)}\n`);
    });

export const graphCommand = (): Command =>
  new Command('graph')
    .description('Draw the plan of a topology.')
    .argument(...ARGUMENT)
    .option(...SET)
    .addOption(new Option('--format <format>', 'how').choices(['text', 'mermaid', 'dot', 'json']).default('text'))
    .option('--fields', 'with each field of each stream: its type, and where it comes from')
    .addHelpText('after', '\nExample:\n  $ squall graph canonicalize --format dot | dot -Tsvg > plan.svg')
    .action(async (name: string, { set, format, fields }: { set: string[]; format: 'text'; fields?: true }) => {
      const { topology } = await findTopology(name);
      const { plan } = build(topology, parametersFrom(topology, set));
      process.stdout.write(`${graph(plan, format, { fields: fields ?? false })}\n`);
    });
