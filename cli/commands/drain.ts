/** `squall drain`: finishes what is in flight, and stops. @module */
import { Command } from 'commander';
import { Client } from '../client.js';
import { clusterOption, type ClusterOptions } from '../cluster-folder.js';
import { count } from '../summary.js';
import { stateText } from '../topology-text.js';
import { waitUntil } from '../waiting.js';

interface DrainOptions extends ClusterOptions {
  readonly wait: boolean;
  readonly json?: true;
}

export const drainCommand = (): Command =>
  new Command('drain')
    .description(
      'Stop reading, finish and commit all that is in flight, and end the workers of a topology. "squall resume" starts it again.',
    )
    .argument('<topology>', 'its name: see "squall list"')
    .option('--no-wait', 'end at once, and not when it is drained')
    .addOption(clusterOption())
    .option('--json', 'print its status as JSON')
    .addHelpText('after', '\nExample:\n  $ squall drain web')
    .action(async (name: string, options: DrainOptions) => {
      const client = await Client.of(options);
      const told = await client.change(name, 'drain');
      const status = options.wait ? await waitUntil(client, name, isDrained) : told;
      const { acked, deadLetters } = status;
      const text = `${name}: ${stateText(status)}, ${count(acked)} acked, ${count(deadLetters)} dead letters`;
      process.stdout.write(`${options.json ? JSON.stringify(status) : text}\n`);
    });

/** Its input may have ended before. */
const isDrained = (state: string): boolean => state === 'drained' || state === 'completed';
