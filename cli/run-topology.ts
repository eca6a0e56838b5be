/** Runs the topology that the user named, and tells what becomes of it. @module */
import { join } from 'node:path';
import { Run, type RunEvents, type RunResult } from '../runtime/coordinator/run.js';
import { forkWorker, inlineWorker } from '../runtime/coordinator/worker-handle.js';
import { explain } from '../runtime/planner/explain.js';
import { EXIT } from './exit-codes.js';
import { hushFaults } from './faults.js';
import { onceEach } from './notices.js';
import { planned } from './parameters.js';
import { Progress } from './progress.js';
import { stopOnSignals } from './signals.js';
import { findTopology, type Source } from './source.js';
import { stdoutForResult } from './stdout.js';
import { count, deadLetterText, summaryOf, summaryText, type Summary } from './summary.js';
import { warnWhenAllDie } from './warn-when-all-die.js';
import { writingTo } from './writing-to.js';

/** What `squall run` was told. Durations in milliseconds. */
export interface RunOptions {
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

const MAX_SPOUT_PENDING = 32_768;

/** @throws CommandError, TopologyError, ArtefactError, SourceError, StateInUse, StateOfAnother when nothing was started */
export async function runTopology(name: string, options: RunOptions): Promise<void> {
  if (options.inline) asAWorker();
  const print = stdoutForResult(options.json ?? options.explain ?? false);
  const source = await findTopology(name, options.state ?? '.squall');
  const topology = source.topology.name;
  const stateDir = options.state ?? join('.squall', topology);
  const setting = { stateDir, options, print, progress: new Progress(topology) };
  const running = runOf(source, setting);
  if (options.explain) return print(`${explain(running.placement)}\n`);
  await watched(running, setting);
}

/** What the parts of a run share. */
interface Setting {
  readonly stateDir: string;
  readonly options: RunOptions;
  readonly progress: Progress;
  /** Writes the result. */
  readonly print: (text: string) => void;
}

/** This process does a worker's work, too: places in the user's source, and no row in an error. */
function asAWorker(): void {
  process.setSourceMapsEnabled(true);
  hushFaults();
}

function runOf({ topology, module }: Source, { stateDir, options, progress }: Setting): Run {
  const { built, parameters } = planned(topology, options.set);
  return new Run({
    built,
    source: { module },
    parameters,
    workers: workersOf(options),
    stateDir,
    options: {
      maxSpoutPending: MAX_SPOUT_PENDING,
      maxAttempts: options.maxAttempts,
      messageTimeoutMs: options.messageTimeout,
      acking: true,
    },
    startWorker: options.inline ? inlineWorker(built) : forkWorker(options.json ? 2 : 'inherit'),
    events: eventsTo(progress.say, stateDir),
  });
}

const workersOf = ({ inline, workers }: RunOptions): number => (inline ? 1 : workers);

const eventsTo = (say: Progress['say'], stateDir: string): RunEvents => ({
  resumed: (messages, samePlan) =>
    say(
      samePlan
        ? `going on from the last commit in ${stateDir}: ${count(messages)} messages are done and are not read again; delete that folder, or give another --state, to begin anew`
        : `the last run on ${stateDir} had other parameters, or the topology was another then: what it has done of this input is not read again; delete that folder, or give another --state, to begin anew`,
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
});

/** Runs it with everything that looks on; tells how it ended while it still owns its state folder. */
async function watched(
  running: Run,
  { stateDir, options, progress, print }: Setting,
): Promise<void> {
  const { say } = progress;
  const stop = stopOnSignals(running, options.drainTimeout, say);
  const watch = warnWhenAllDie(running, say);
  const startMs = performance.now();
  const quieten = (): void => {
    watch.stop();
    progress.stop();
  };
  const report = (result: RunResult): void => {
    quieten();
    const durationMs = performance.now() - startMs;
    const summary = summaryOf(progress.topology, workersOf(options), durationMs, result);
    if (result.error !== undefined) say(result.error);
    if (!options.json) say(summaryText(summary));
    if (summary.deadLetters > 0) say(deadLetterText(stateDir, running.reasons()));
    if (stop.atOnce) say(LEFT);
    if (options.json) print(`${JSON.stringify(summary)}\n`);
    process.exitCode = stop.atOnce ? EXIT.failed : exitCodeOf(summary);
  };
  progress.start(() => running.components());
  await writingTo(stateDir, () => running.run(report)).finally(quieten);
}

const LEFT =
  'stopped at once: what was in flight is read again by the next run with the same --state';

const exitCodeOf = ({ outcome, deadLetters }: Summary): number =>
  outcome === 'failed' ? EXIT.failed : deadLetters > 0 ? EXIT.partial : EXIT.done;
