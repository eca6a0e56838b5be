/** `squall list`: the topologies of a cluster. @module */
import { Command } from 'commander';
import { Client } from '../client.js';
import { clusterOption, type ClusterOptions } from '../cluster-folder.js';
import { listLines } from '../topology-text.js';

interface ListOptions extends ClusterOptions {
  readonly json?: true;
}

export const listCommand = (): Command =>
  new Command('list')
    .description('List the topologies of the cluster.')
    .addOption(clusterOption())
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ squall list')
    .action(async (options: ListOptions) => {
      const topologies = await (await Client.of(options)).list();
      const lines =
        topologies.length === 0
          ? ['There are no topologies. Give one with: squall submit']
          : listLines(topologies);
      process.stdout.write(`${options.json ? JSON.stringify(topologies) : lines.join('\n')}\n`);
    });
