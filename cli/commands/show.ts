/** `squall show`: one topology of a cluster, component by component. @module */
import { Command } from 'commander';
import { Client } from '../client.js';
import { clusterOption, type ClusterOptions } from '../cluster-folder.js';
import { statusLines } from '../topology-text.js';

interface ShowOptions extends ClusterOptions {
  readonly json?: true;
}

export const showCommand = (): Command =>
  new Command('show')
    .description('Show a topology of the cluster: its components, workers, and what limits it.')
    .argument('<topology>', 'its name: see "squall list"')
    .addOption(clusterOption())
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ squall show web')
    .action(async (name: string, options: ShowOptions) => {
      const status = await (await Client.of(options)).show(name);
      const text = options.json ? JSON.stringify(status) : statusLines(status).join('\n');
      process.stdout.write(`${text}\n`);
    });
