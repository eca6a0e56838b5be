/** `squall logs`: what the workers of a topology have told. @module */
import { once } from 'node:events';
import { Command } from 'commander';
import { Client } from '../client.js';
import { clusterOption, type ClusterOptions } from '../cluster-folder.js';
import { logLine } from '../log-line.js';
import { wholeNumber } from './run.js';

interface LogsOptions extends ClusterOptions {
  readonly component?: string;
  readonly follow?: true;
  readonly lines: number;
  readonly json?: true;
}

const LINES_MAX = 10_000;

export const logsCommand = (): Command =>
  new Command('logs')
    .description('Print what the workers of a topology have told, and what their own code printed.')
    .argument('<topology>', 'its name: see "squall list"')
    .option('--component <name>', 'only of this one')
    .option('--follow', 'go on with what is added, until Ctrl-C')
    .option('--lines <number>', 'so many of the newest', wholeNumber(0, LINES_MAX), 100)
    .addOption(clusterOption())
    .option('--json', 'print the lines as they are: objects')
    .addHelpText('after', '\nExample:\n  $ squall logs web --component parse --follow')
    .action(logs);

async function logs(name: string, options: LogsOptions): Promise<void> {
  const { component, follow = false, lines, json } = options;
  const client = await Client.of(options);
  const query = {
    ...{ lines: String(lines), follow: String(follow) },
    ...(component !== undefined && { component }),
  };
  let left = '';
  for await (const part of client.logs(name, query)) {
    const whole = (left + part).split('\n');
    left = whole.pop()!;
    await print(whole.map((line) => `${json ? line : logLine(line)}\n`).join(''));
  }
}

async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
