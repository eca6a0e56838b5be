/** `squall pause` and `squall resume`: has a topology wait, and go on. @module */
import { Command } from 'commander';
import { Client } from '../client.js';
import { clusterOption, type ClusterOptions } from '../cluster-folder.js';
import { stateText } from '../topology-text.js';

interface ChangeOptions extends ClusterOptions {
  readonly json?: true;
}

export const pauseCommand = (): Command =>
  changing(
    'pause',
    'Have the spouts of a topology emit nothing new; its workers stay, and what is in flight finishes.',
  );

export const resumeCommand = (): Command =>
  changing(
    'resume',
    'Have a topology go on after a pause; or start it again after it was drained or has failed.',
  );

const changing = (verb: 'pause' | 'resume', description: string): Command =>
  new Command(verb)
    .description(description)
    .argument('<topology>', 'its name: see "squall list"')
    .addOption(clusterOption())
    .option('--json', 'print its status as JSON')
    .addHelpText('after', `\nExample:\n  $ squall ${verb} web`)
    .action(async (name: string, options: ChangeOptions) => {
      const status = await (await Client.of(options)).change(name, verb);
      const text = options.json ? JSON.stringify(status) : `${status.name}: ${stateText(status)}`;
      process.stdout.write(`${text}\n`);
    });
