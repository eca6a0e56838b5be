/** `squall run`: one topology, until every message is accounted for. @module */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { Run, type RunRequest, type RunResult } from '../../runtime/coordinator/run.js';
import { forkWorker, inlineWorker } from '../../runtime/coordinator/worker-handle.js';
import { explain } from '../../runtime/planner/explain.js';
import { durationMs } from '../../topology/dsl/duration.js';
import { EXIT } from '../exit-codes.js';
import { hushFaults } from '../faults.js';
import { onceEach } from '../notices.js';
import { planned, setOption } from '../parameters.js';
import { showProgress, type Progress } from '../progress.js';
import { stopOnSignals } from '../signals.js';
import { findTopology } from '../source.js';
import { stdoutForResult } from '../stdout.js';
import { count, deadLetterText, summaryOf, summaryText, type Summary } from '../summary.js';
import { warnWhenAllDie } from '../warn-when-all-die.js';
import { writingTo } from '../writing-to.js';

interface RunOptions {
  readonly set?: string[];
  readonly workers: number;
  readonly inline?: true;
  readonly state?: string;
  readonly maxAttempts: number;
  readonly messageTimeout: number;
  readonly drainTimeout: number;
  readonly explain?: true;
  readonly json?: true;
}

const WORKERS_DEFAULT = Math.min(4, availableParallelism());
const WORKERS_MAX = 64;
const MAX_SPOUT_PENDING = 32_768;

export const runCommand = (): Command =>
  new Command('run')
    .description(
      'Run a topology of the catalogue, or a file of your own, until its input ends or Ctrl-C.',
    )
    .argument(
      '<topology>',
      'a name (see "squall catalog") or the path of a .ts, .mts, .js or .mjs file',
    )
    .addOption(setOption())
    .option('--workers <number>', 'worker processes', wholeNumber(1, WORKERS_MAX), WORKERS_DEFAULT)
    .option('--inline', 'run in this one process, for debugging')
    .option(
      '--state <dir>',
      'where commits, state and dead letters are kept (default: .squall/<topology>)',
    )
    .option(
      '--max-attempts <number>',
      'attempts before a message becomes a dead letter',
      wholeNumber(1, 1000),
      5,
    )
    .addOption(
      durationOption(
        '--message-timeout',
        'a message not done by then is failed and replayed',
        '30s',
      ),
    )
    .addOption(
      durationOption(
        '--drain-timeout',
        'how long Ctrl-C or SIGTERM lets work in flight finish',
        '30s',
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
    .action(run);

async function run(name: string, options: RunOptions): Promise<void> {
  if (options.inline) process.setSourceMapsEnabled(true);
  const print = stdoutForResult(options.json ?? options.explain ?? false);
  const { topology, module } = await findTopology(name, options.state ?? '.squall');
  const { built, parameters } = planned(topology, options.set);
  const stateDir = options.state ?? join('.squall', topology.name);
  const workers = options.inline ? 1 : options.workers;
  let progress: Progress | null = null;
  const say = (line: string): void =>
    progress === null ? void process.stderr.write(`${line}\n`) : progress.say(line);
  const request: RunRequest = {
    built,
    source: { module },
    parameters,
    workers,
    stateDir,
    options: {
      maxSpoutPending: MAX_SPOUT_PENDING,
      maxAttempts: options.maxAttempts,
      messageTimeoutMs: options.messageTimeout,
      acking: true,
    },
    startWorker: options.inline ? inlineWorker(built) : forkWorker(options.json ? 2 : 'inherit'),
    events: {
      resumed: (messages) =>
        say(
          `going on from the last commit in ${stateDir}: ${count(messages)} messages are done and are not read again; delete that folder, or give another --state, to begin anew`,
        ),
      notice: onceEach((component, message) => say(`${component}: ${message}`)),
      workerDied: (worker, how) =>
        say(`worker ${worker} died (${how}); its messages are replayed and it is started again`),
      stalled: (code) =>
        say(
          code === null
            ? 'storage can be written again; going on'
            : `storage cannot be written (${code}): nothing is acked; going on when there is room`,
        ),
    },
  };
  const running = new Run(request);
  if (options.explain) return print(`${explain(running.placement)}\n`);
  if (options.inline) hushFaults();
  const stop = stopOnSignals(running, options.drainTimeout, say);
  const startMs = performance.now();
  progress = showProgress(topology.name, () => running.components());
  const watch = warnWhenAllDie(running, say);
  const quieten = (): void => {
    watch.stop();
    progress?.stop();
    progress = null;
  };
  const report = (result: RunResult): void => {
    quieten();
    const summary = summaryOf(topology.name, workers, performance.now() - startMs, result);
    if (result.error !== undefined) say(result.error);
    if (!options.json) say(summaryText(summary));
    if (summary.deadLetters > 0) say(deadLetterText(stateDir, running.reasons()));
    if (stop.atOnce)
      say(
        'stopped at once: what was in flight is read again by the next run with the same --state',
      );
    if (options.json) print(`${JSON.stringify(summary)}\n`);
    process.exitCode = stop.atOnce ? EXIT.failed : exitCodeOf(summary);
  };
  await writingTo(stateDir, () => running.run(report)).finally(quieten);
  // A timer or socket that the topology left open must not keep this process alive.
  if (options.inline) process.exit();
}

const exitCodeOf = ({ outcome, deadLetters }: Summary): number =>
  outcome === 'failed' ? EXIT.failed : deadLetters > 0 ? EXIT.partial : EXIT.done;

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}

const durationOption = (flag: string, description: string, otherwise: string): Option =>
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
