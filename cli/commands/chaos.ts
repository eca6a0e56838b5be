/** `squall chaos`: kills processes of a running topology, and tells what became of its messages. @module */
import { createInterface } from 'node:readline/promises';
import { Command, Option } from 'commander';
import { chaos } from '../chaos/chaos.js';
import { reportLines } from '../chaos/report.js';
import type { Way } from '../chaos/strikes.js';
import { PARTS, type Part } from '../chaos/victims.js';
import { clusterOption, type ClusterOptions } from '../cluster-folder.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { durationOption, wholeNumber } from './run.js';

interface ChaosCommandOptions extends ClusterOptions {
  readonly kill?: Part;
  readonly freeze?: true;
  readonly slow?: true;
  readonly every: number;
  readonly for: number;
  readonly times: number;
  readonly yes?: true;
  readonly json?: true;
}

const TIMES_MAX = 1_000_000;

export const chaosCommand = (): Command =>
  new Command('chaos')
    .description(
      'Kill processes of a running topology on this machine, and tell what became of it.',
    )
    .argument('<topology>', 'its name: see "squall list"')
    .addOption(new Option('--kill <part>', 'kill -9 of one of these').choices(PARTS))
    .option('--freeze', 'stop a worker until it is replaced')
    .option('--slow', 'stop a worker half of the time, for two seconds')
    .addOption(
      durationOption('--every', 'at least as long between two; one is got over first', '2s'),
    )
    .addOption(durationOption('--for', 'how long in all', '60s'))
    .option('--times <number>', 'not more often', wholeNumber(1, TIMES_MAX), TIMES_MAX)
    .option('--yes', 'do not ask')
    .addOption(clusterOption())
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
Example:
  $ squall chaos web --kill worker --every 2s --for 60s

Exit codes: 0 nothing was lost, 1 something was, or did not come back, 2 usage, 4 nimbus unreachable. Lost is what
sources began and what, with all at rest, is neither acked nor a dead letter; duplicates are at most the messages that
were begun again. What a sink holds is for a comparison of its own.`,
    )
    .action(run);

async function run(topology: string, options: ChaosCommandOptions): Promise<void> {
  const way = wayOf(options);
  await consented(topology, way, options.yes === true);
  const { cluster, every, times } = options;
  const report = await chaos({
    ...{ cluster, topology, way },
    ...{ everyMs: every, forMs: options.for, timesMax: times },
  });
  const text = options.json ? JSON.stringify(report) : reportLines(report).join('\n');
  process.stdout.write(`${text}\n`);
  if (report.lost > 0 || report.unrecovered > 0) process.exitCode = EXIT.failed;
}

function wayOf({ kill, freeze, slow }: ChaosCommandOptions): Way {
  const ways: Way[] = [
    ...(kill === undefined ? [] : [{ kill }]),
    ...(freeze ? ['freeze' as const] : []),
    ...(slow ? ['slow' as const] : []),
  ];
  const [way, ...more] = ways;
  if (way === undefined || more.length > 0)
    throw new CommandError('Give one of --kill, --freeze and --slow.');
  return way;
}

/** @throws CommandError unless whoever asks has said yes */
async function consented(topology: string, way: Way, yes: boolean): Promise<void> {
  if (yes) return;
  const what = typeof way === 'object' ? `kill the ${way.kill} of` : `stop workers of`;
  if (!process.stdin.isTTY)
    throw new CommandError(`This would ${what} ${topology} again and again. Say so with --yes.`);
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question(`Really ${what} ${topology}, again and again? [y/N] `);
  asking.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('Nothing was done.');
}
