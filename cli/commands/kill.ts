/** `squall kill`: ends a topology at once, and has the cluster forget it. @module */
import { Command } from 'commander';
import { Client } from '../client.js';
import { clusterOption, type ClusterOptions } from '../cluster-folder.js';
import { waitUntilGone } from '../waiting.js';

interface KillOptions extends ClusterOptions {
  readonly wait?: true;
  readonly json?: true;
}

export const killCommand = (): Command =>
  new Command('kill')
    .description(
      'End a topology at once, and forget it. Its state folder stays: what was in flight is read again by the next one on it.',
    )
    .argument('<topology>', 'its name: see "squall list"')
    .option('--wait', 'until it is gone')
    .addOption(clusterOption())
    .option('--json', 'print its last status as JSON')
    .addHelpText('after', '\nExample:\n  $ squall kill web --wait')
    .action(async (name: string, options: KillOptions) => {
      const client = await Client.of(options);
      const status = await client.kill(name);
      if (options.wait) await waitUntilGone(client, name);
      const done = options.wait ? 'is gone' : 'is being killed';
      const text = `${name} ${done}; its state stays in ${status.stateDir}`;
      process.stdout.write(`${options.json ? JSON.stringify(status) : text}\n`);
    });
