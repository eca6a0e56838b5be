/** `squall scale`: more or fewer tasks of a bolt, or workers, while it runs. @module */
import { Command } from 'commander';
import { TASKS_MAX, WORKERS_MAX, type ScaleResult } from '../../runtime/nimbus/operations.js';
import { Client } from '../client.js';
import { clusterOption, type ClusterOptions } from '../cluster-folder.js';
import { CommandError } from '../exit-codes.js';
import { table } from '../table.js';
import { waitUntil } from '../waiting.js';
import { wholeNumber } from './run.js';

interface ScaleOptions extends ClusterOptions {
  readonly workers?: number;
  readonly dryRun?: true;
  readonly json?: true;
}

export const scaleCommand = (): Command =>
  new Command('scale')
    .description('Give bolts other numbers of tasks, or a topology of workers, while it runs.')
    .argument('<topology>', 'its name: see "squall list"')
    .argument('[bolt=tasks...]', 'how many tasks a bolt is to have')
    .option('--workers <number>', 'worker processes', wholeNumber(1, WORKERS_MAX))
    .option('--dry-run', 'say what would be done, and do nothing')
    .addOption(clusterOption())
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ squall scale web parse=4 --dry-run\n  $ squall scale web parse=4 geotag=2\n\nIt ends when the change is carried out.',
    )
    .action(scale);

async function scale(name: string, texts: readonly string[], options: ScaleOptions): Promise<void> {
  const { workers, dryRun = false, json } = options;
  const tasks = tasksOf(texts);
  if (Object.keys(tasks).length === 0 && workers === undefined)
    throw new CommandError('Say what to scale: <bolt>=<tasks>, or --workers.');
  const client = await Client.of(options);
  const result = await client.scale(name, {
    ...{ tasks, dryRun },
    ...(workers !== undefined && { workers }),
  });
  // One that is paused or has ended stays so.
  if (!dryRun) await waitUntil(client, name, () => true);
  process.stdout.write(`${json ? JSON.stringify(result) : linesOf(result).join('\n')}\n`);
}

function linesOf({ dryRun, changes }: ScaleResult): string[] {
  if (changes.length === 0) return ['Nothing changes.'];
  const rows = changes.map(({ component, from, to, pause }) => [
    component ?? '(workers)',
    ...[String(from), String(to), pause],
  ]);
  const moves = changes.flatMap((change) =>
    change.moves.map((move) => `  keys of ${change.component ?? 'all'}: ${move}`),
  );
  const head = ['bolt', '>from', '>to', dryRun ? 'expected pause' : 'pause'];
  return [...table(head, rows), ...moves];
}

function tasksOf(texts: readonly string[]): Record<string, number> {
  const entries = texts.map((text) => {
    const [, bolt, tasks = ''] = /^([^=]+)=(\d+)$/.exec(text) ?? [];
    if (bolt !== undefined && Number(tasks) >= 1 && Number(tasks) <= TASKS_MAX)
      return [bolt, Number(tasks)] as const;
    throw new CommandError(
      `Give a bolt and its number of tasks, from 1 to ${TASKS_MAX}, e.g. parse=4; not "${text}".`,
    );
  });
  return Object.fromEntries(entries);
}
