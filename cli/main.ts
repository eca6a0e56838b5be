#!/usr/bin/env node
/** The `squall` command. Results on stdout, everything else on stderr. @module */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { ArtefactError } from '../runtime/artefact/artefact-error.js';
import { SourceError } from '../runtime/coordinator/assign.js';
import { StateOfAnother } from '../runtime/state/noted-plan.js';
import { StateInUse } from '../runtime/state/run-lock.js';
import { TopologyError } from '../topology/plan/topology-error.js';
import { catalogCommand, describeCommand } from './commands/catalog.js';
import { chaosCommand } from './commands/chaos.js';
import { doctorCommand } from './commands/doctor.js';
import { clusterCommand, nimbusCommand, supervisorCommand } from './commands/cluster.js';
import { dlqCommand } from './commands/dlq.js';
import { graphCommand, validateCommand } from './commands/plan.js';
import { drainCommand } from './commands/drain.js';
import { killCommand } from './commands/kill.js';
import { listCommand } from './commands/list.js';
import { logsCommand } from './commands/logs.js';
import { pauseCommand, resumeCommand } from './commands/pause.js';
import { runCommand } from './commands/run.js';
import { scaleCommand } from './commands/scale.js';
import { showCommand } from './commands/show.js';
import { submitCommand } from './commands/submit.js';
import { topCommand } from './commands/top.js';
import { upgradeCommand } from './commands/upgrade.js';
import { CommandError, EXIT } from './exit-codes.js';
import { printed } from './stdout.js';

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string };

// Not a success, even if whoever read our output has enough of it: a run may have more to do.
process.stdout.on('error', ({ message }) => {
  process.stderr.write(`standard output cannot be written (${message}): stopped\n`);
  process.exit(EXIT.failed);
});

/** Below an error of usage. */
const HINT = '(see --help; a parameter of a topology is given as --set name=value)';

const program = new Command('squall')
  .description(
    'Stream-processing topologies in TypeScript: typed, acked, anonymized in the stream.',
  )
  .version(version)
  .showHelpAfterError('(see --help)')
  .addHelpText(
    'after',
    '\nStart here:\n  $ squall catalog\n  $ squall run canonicalize --set lines=50000',
  );
for (const command of [
  runCommand(),
  submitCommand(),
  listCommand(),
  showCommand(),
  topCommand(),
  scaleCommand(),
  pauseCommand(),
  resumeCommand(),
  drainCommand(),
  killCommand(),
  upgradeCommand(),
  logsCommand(),
  dlqCommand(),
  validateCommand(),
  graphCommand(),
  catalogCommand(),
  describeCommand(),
  clusterCommand(),
  nimbusCommand(),
  supervisorCommand(),
  chaosCommand(),
  doctorCommand(),
]) {
  for (const each of [command, ...command.commands]) each.exitOverride().showHelpAfterError(HINT);
  program.addCommand(command);
}

try {
  await program.exitOverride().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
await printed();
// A timer or socket that the topology left open must not keep this process alive.
process.exit();

function report(error: unknown): number {
  // commander has printed it; help and version end well.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const known =
    error instanceof CommandError ||
    error instanceof TopologyError ||
    error instanceof ArtefactError ||
    error instanceof SourceError ||
    error instanceof StateInUse ||
    error instanceof StateOfAnother;
  if (known) {
    process.stderr.write(`${error.message}\n`);
    return error instanceof CommandError ? error.exitCode : EXIT.usage;
  }
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return EXIT.failed;
}
