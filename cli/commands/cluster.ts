/** `squall cluster start`, and its two halves as services: `squall nimbus` and `squall supervisor`. @module */
import { Command } from 'commander';
import { clusterOption } from '../cluster-folder.js';
import { runNimbus, runSupervisor } from '../cluster/roles.js';
import { startCluster } from '../cluster/start.js';
import { setOption } from '../parameters.js';
import { wholeNumber } from './run.js';

const listening = (command: Command): Command =>
  command
    .option(
      '--port <number>',
      'where the API and the page are; 0 picks one (default: the one before, else 8080, else one that is free)',
      wholeNumber(0, 65_535),
    )
    .option(
      '--host <host>',
      'what to listen on; who is let in by another than this machine can do whatever the token allows',
      '127.0.0.1',
    );

export function clusterCommand(): Command {
  const start = listening(new Command('start').addOption(clusterOption()))
    .description('Run nimbus and a supervisor here, with the page, until Ctrl-C.')
    .option('--with <topology>', 'submit this one, unless there is one of its name')
    .addOption(setOption())
    .addHelpText(
      'after',
      `
Example:
  $ squall cluster start &
  $ squall submit canonicalize --set out=out
  $ squall list

Ctrl-C lets what is in flight finish; what was submitted goes on at the next start. Killed (kill -9, power), workers
run on or are gone: either way the next start goes on with nothing lost.`,
    )
    .action(startCluster);
  return new Command('cluster')
    .description('A service that runs many topologies.')
    .addCommand(start);
}

export const nimbusCommand = (): Command =>
  listening(new Command('nimbus').addOption(clusterOption()))
    .description('Hold what is to run, and answer the API. Data flows on without it.')
    .addHelpText(
      'after',
      `
Example, as a service beside "squall supervisor" on the same folder:
  $ squall nimbus --cluster /var/lib/squall --port 8080`,
    )
    .action(runNimbus);

export const supervisorCommand = (): Command =>
  new Command('supervisor')
    .description(
      'Start and watch workers by the last assignment. Killed, workers run on, and the next one adopts them.',
    )
    .addOption(clusterOption())
    .addHelpText(
      'after',
      `
Example:
  $ squall supervisor --cluster /var/lib/squall

SIGTERM lets what is in flight finish and ends the workers; kill -9 leaves them running.`,
    )
    .action(runSupervisor);
