/** `squall run`: one topology, until every message is accounted for. @module */
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { WORKERS_MAX } from '../../runtime/nimbus/operations.js';
import { durationMs } from '../../topology/dsl/duration.js';
import { setOption } from '../parameters.js';
import { runTopology } from '../run-topology.js';

/** One a core, but no more than most topologies need. */
export const WORKERS_DEFAULT = Math.min(4, availableParallelism());

export const runCommand = (): Command =>
  withRunOptions(
    new Command('run')
      .description(
        'Run a topology of the catalogue, or a file of your own, until its input ends or Ctrl-C.',
      )
      .argument(
        '<topology>',
        'a name (see "squall catalog") or the path of a .ts, .mts, .js or .mjs file',
      ),
  )
    .option('--explain', 'print where tasks and streams are placed, and do not run')
    .option('--json', 'print one JSON object at the end, and nothing else, on stdout')
    .addHelpText(
      'after',
      `
Examples:
  $ squall run canonicalize --set input=access.log --set format=apache-combined --set out=out
  $ zcat access.log.gz | squall run canonicalize --set input=- --set format=apache-combined
  $ squall run my-topology.ts --workers 4 --json

Exit codes: 0 all acked, 1 failed, 2 usage or invalid topology, 3 some dead letters.
A run that was killed or stopped goes on from its last commit when it is started again with the same --state;
after a run that completed, the next one begins anew.`,
    )
    .action(runTopology);

/** The options of whatever runs a topology. */
export const withRunOptions = (command: Command): Command =>
  command
    .addOption(setOption())
    .option('--workers <number>', 'worker processes', wholeNumber(1, WORKERS_MAX), WORKERS_DEFAULT)
    .option(
      '--worker-memory-mb <number>',
      'heap of a worker; one that needs more is ended and started again (default: half of the memory, shared out, at most 4096)',
      wholeNumber(64, 1_048_576),
    )
    .option('--inline', 'run in this one process, for debugging')
    .option(
      '--state <dir>',
      'where commits, state and dead letters are kept (default: .squall/<topology>)',
    )
    .addOption(maxAttemptsOption())
    .addOption(messageTimeoutOption())
    .addOption(
      durationOption(
        '--drain-timeout',
        'how long Ctrl-C or SIGTERM lets work in flight finish',
        '30s',
      ),
    )
    .option(
      '--metrics-port <number>',
      'serve /metrics for Prometheus on this port; 0 picks one (default: none)',
      wholeNumber(0, 65_535),
    )
    .option('--metrics-host <host>', 'where --metrics-port listens', '127.0.0.1')
    .addOption(
      new Option('--log-level <level>', 'the least that is told on stderr')
        .choices(['info', 'warn', 'error', 'silent'])
        .default('info'),
    )
    .addOption(
      new Option('--log-format <format>', 'lines for people, or one JSON object a line')
        .choices(['pretty', 'json'])
        .default('pretty'),
    );

export const maxAttemptsOption = (): Option =>
  new Option('--max-attempts <number>', 'attempts before a message becomes a dead letter')
    .default(5)
    .argParser(wholeNumber(1, 1000));

export const messageTimeoutOption = (): Option =>
  durationOption('--message-timeout', 'a message not done by then is failed and replayed', '30s');

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}

export const durationOption = (flag: string, description: string, otherwise: string): Option =>
  new Option(`${flag} <duration>`, description)
    .default(durationMs(otherwise), otherwise)
    .argParser(duration);

function duration(text: string): number {
  try {
    return durationMs(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}
