/** `squall validate` and `squall graph`: look at a topology without running it. @module */
import { Command, Option } from 'commander';
import { graph, type GraphFormat } from '../../topology/plan/graph.js';
import type { Plan } from '../../topology/plan/plan.js';
import { TopologyError } from '../../topology/plan/topology-error.js';
import { planned, setOption } from '../parameters.js';
import { lookAt } from '../source.js';
import { stdoutForResult } from '../stdout.js';

const ARGUMENT = ['<topology>', 'a name (see "squall catalog") or the path of a file'] as const;

export const validateCommand = (): Command =>
  new Command('validate')
    .description(
      'Compile and check a topology: its types, wiring, groupings, and that no raw personal data reaches a sink.',
    )
    .argument(...ARGUMENT)
    .addOption(setOption())
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  $ squall validate my-topology.ts')
    .action(async (name: string, { set, json }: { set?: string[]; json?: true }) => {
      const print = stdoutForResult(json ?? false);
      const plan = await checked(name, set).catch((error: unknown) => {
        if (json) print(`${JSON.stringify({ valid: false, problems: problemsOf(error) })}\n`);
        throw error;
      });
      const valid = { topology: plan.name, valid: true, nodes: plan.nodes.length, hash: plan.hash };
      print(
        json
          ? `${JSON.stringify(valid)}\n`
          : `${plan.name} is valid: ${plan.nodes.length} nodes, plan ${plan.hash.slice(0, 16)}\n`,
      );
    });

const checked = async (name: string, settings?: readonly string[]): Promise<Plan> =>
  planned(await lookAt(name), settings).built.plan;

function problemsOf(error: unknown): readonly string[] {
  if (error instanceof TopologyError) return error.problems;
  return [error instanceof Error ? error.message : String(error)];
}

export const graphCommand = (): Command =>
  new Command('graph')
    .description('Draw the plan of a topology.')
    .argument(...ARGUMENT)
    .addOption(setOption())
    .addOption(
      new Option('--format <format>', 'how')
        .choices(['text', 'mermaid', 'dot', 'json'])
        .default('text'),
    )
    .option('--fields', 'with each field of each stream: its type, and where it comes from')
    .addHelpText(
      'after',
      '\nExample:\n  $ squall graph canonicalize --format dot | dot -Tsvg > plan.svg',
    )
    .action(
      async (
        name: string,
        { set, format, fields }: { set?: string[]; format: GraphFormat; fields?: true },
      ) => {
        const print = stdoutForResult(format !== 'text');
        const plan = await checked(name, set);
        print(`${graph(plan, format, { fields: fields ?? false })}\n`);
      },
    );
