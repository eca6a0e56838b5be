/** `squall run`: one topology, until every message is accounted for. @module */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { Run, type RunRequest, type RunResult } from '../../runtime/coordinator/run.js';
import { forkWorker, inlineWorker } from '../../runtime/coordinator/worker-handle.js';
import { explain } from '../../runtime/planner/explain.js';
import { durationMs } from '../../topology/dsl/duration.js';
import { build } from '../../topology/plan/build.js';
import { EXIT } from '../exit-codes.js';
import { parametersFrom } from '../parameters.js';
import { showProgress, type Progress } from '../progress.js';
import { findTopology } from '../source.js';
import { summaryOf, summaryText, totals } from '../summary.js';

interface RunOptions {
  readonly set: string[];
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
    .description('Run a topology of the catalogue, or a file of your own, until its input ends or Ctrl-C.')
    .argument('<topology>', 'a name (see "squall catalog") or the path of a .ts, .mts, .js or .mjs file')
    .option('--set <name=value>', 'a parameter of the topology; may be given again', collect, [])
    .option('--workers <number>', 'worker processes', wholeNumber(1, WORKERS_MAX), WORKERS_DEFAULT)
    .option('--inline', 'run in this one process, for debugging')
    .option('--state <dir>', 'where commits, state and dead letters are kept (default: .squall/<topology>)')
    .option('--max-attempts <number>', 'attempts before a message becomes a dead letter', wholeNumber(1, 1000), 5)
    .option('--message-timeout <duration>', 'a message not done by then is failed and replayed', duration, 30_000)
    .option('--drain-timeout <duration>', 'how long Ctrl-C or SIGTERM lets work in flight finish', duration, 30_000)
    .option('--explain', 'print where tasks and streams are placed, and do not run')
    .option('--json', 'print one JSON object at the end, and nothing else, on stdout')
    .addHelpText(
      'after',
      `
Examples:
  $ squall run canonicalize --set input=access.log --set format=apache-combined --set out=out
  $ squall run my-topology.ts --workers 4 --json

Exit codes: 0 all acked, 1 failed, 2 usage or invalid topology, 3 some dead letters.
A run that was killed or stopped goes on from its last commit when it is started again with the same --state;
after a run that completed, the next one begins anew.`,
    )
    .action(run);

async function run(name: string, options: RunOptions): Promise<void> {
  const { topology, module } = await findTopology(name);
  const parameters = parametersFrom(topology, options.set);
  const built = build(topology, parameters);
  const stateDir = options.state ?? join('.squall', topology.name);
  const workers = options.inline ? 1 : options.workers;
  let progress: Progress | null = null;
  const say = (line: string): void => (progress === null ? void process.stderr.write(`${line}\n`) : progress.say(line));
  const request: RunRequest = {
    built,
    source: { module },
    parameters,
    workers,
    stateDir,
    options: { maxSpoutPending: MAX_SPOUT_PENDING, maxAttempts: options.maxAttempts, messageTimeoutMs: options.messageTimeout, acking: true },
    startWorker: options.inline ? inlineWorker(built) : forkWorker(options.json ? 2 : 'inherit'),
    events: {
      notice: onceEach((component, message) => say(`${component}: ${message}`)),
      workerDied: (worker, how) => say(`worker ${worker} died (${how}); its messages are replayed and it is started again`),
      stalled: (code) => say(code === null ? 'storage can be written again; going on' : `storage cannot be written (${code}): nothing is acked; waiting for room`),
    },
  };
  const running = new Run(request);
  if (options.explain) return void process.stdout.write(`${explain(running.placement)}\n`);
  onSignals(running, options.drainTimeout, say);
  const startMs = performance.now();
  progress = showProgress(topology.name, () => running.components());
  const watching = warnWhenAllDie(running, say);
  let result: RunResult;
  try {
    result = await running.run();
  } finally {
    clearInterval(watching);
    progress.stop();
    progress = null;
  }
  const summary = summaryOf(topology.name, workers, performance.now() - startMs, result);
  if (result.error !== undefined) process.stderr.write(`${result.error}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  else process.stderr.write(`${summaryText(summary, stateDir)}\n`);
  process.exitCode = result.outcome === 'failed' ? EXIT.failed : summary.deadLetters > 0 ? EXIT.partial : EXIT.done;
}

/** The first signal drains, the second stops at once, and so does the end of the time given. */
function onSignals(running: Run, drainTimeoutMs: number, say: (line: string) => void): void {
  let draining = false;
  const signalled = (): void => {
    if (draining) return running.abort();
    draining = true;
    say('stopping: what is in flight finishes first; once more to stop at once');
    running.drain();
    setTimeout(() => running.abort(`not everything in flight was done within ${drainTimeoutMs / 1000} s`), drainTimeoutMs).unref();
  };
  process.on('SIGINT', signalled);
  process.on('SIGTERM', signalled);
}

/** The same notice from many rows and workers is said once. */
function onceEach(say: (component: string, message: string) => void): (component: string, message: string) => void {
  const said = new Set<string>();
  return (component, message) => {
    const key = `${component}\n${message}`;
    if (said.has(key) || said.size >= NOTICES_MAX) return;
    said.add(key);
    say(component, message);
  };
}

const NOTICES_MAX = 1000;
const ALL_DEAD_MIN = 1000;

/** A file in another format than was said would only show at the end. */
function warnWhenAllDie(running: Run, say: (line: string) => void): NodeJS.Timeout {
  const watching = setInterval(() => {
    const { acked, deadLetters } = totals(running.components());
    if (acked > 0) return clearInterval(watching);
    if (deadLetters < ALL_DEAD_MIN) return;
    clearInterval(watching);
    const reasons = running.reasons().slice(0, 3).map(([reason, times]) => `${reason} (${times.toLocaleString('en-US')})`);
    say(`every message so far became a dead letter: ${reasons.join(', ')}. Is this the right format for the input?`);
  }, 200);
  return watching;
}

const collect = (value: string, values: string[]): string[] => [...values, value];

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`a whole number from ${min} to ${max} is needed.`);
  };
}

function duration(text: string): number {
  try {
    return durationMs(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
