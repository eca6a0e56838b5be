/** Runs the topology that the user named, and tells what becomes of it. @module */
import { join } from 'node:path';
import type { TopologySource } from '../runtime/coordinator/protocol.js';
import { preparationOf } from '../runtime/coordinator/preparation.js';
import type { RunEvents, RunResult } from '../runtime/coordinator/run-request.js';
import { Run } from '../runtime/coordinator/run.js';
import { forkWorker, inlineWorker } from '../runtime/coordinator/worker-handle.js';
import { openLog, type Log, type LogOptions } from '../runtime/log.js';
import { explain } from '../runtime/planner/explain.js';
import { EXIT } from './exit-codes.js';
import { hushFaults, refuseEnd } from './faults.js';
import { onceEach } from './notices.js';
import { planned, type Planned } from './parameters.js';
import { Progress } from './progress.js';
import { servingMetrics } from './serving-metrics.js';
import { stopOnSignals } from './signals.js';
import { findTopology } from './source.js';
import { stdoutForResult } from './stdout.js';
import { count, deadLetterText, summaryOf, summaryText, type Summary } from './summary.js';
import { warnWhenAllDie } from './warn-when-all-die.js';
import { defaultWorkerMemoryMb } from './worker-memory.js';
import { writingTo } from './writing-to.js';

/** What `squall run` was told. Durations in milliseconds. */
export interface RunOptions {
  readonly set?: string[];
  readonly workers: number;
  readonly inline?: true;
  readonly state?: string;
  readonly workerMemoryMb?: number;
  readonly maxAttempts: number;
  readonly messageTimeout: number;
  readonly drainTimeout: number;
  readonly logLevel: LogOptions['level'];
  readonly logFormat: LogOptions['format'];
  readonly metricsPort?: number;
  readonly metricsHost: string;
  readonly explain?: true;
  readonly json?: true;
}

const MAX_SPOUT_PENDING = 32_768;

/** @throws CommandError, TopologyError, ArtefactError, SourceError, StateInUse, StateOfAnother when nothing was started */
export async function runTopology(name: string, options: RunOptions): Promise<void> {
  if (options.inline) process.setSourceMapsEnabled(true);
  const print = stdoutForResult(options.json ?? options.explain ?? false);
  const { topology, module } = await findTopology(name, options.state ?? '.squall');
  const stateDir = options.state ?? join('.squall', topology.name);
  const source = { module };
  await operate({ ...planned(topology, options.set), source, stateDir }, options, print);
}

/** A run that was planned. */
export interface Undertaking extends Planned {
  readonly source: TopologySource;
  readonly stateDir: string;
  /** What is done when it has ended, before its state is forgotten. */
  readonly settle?: () => Promise<void>;
}

/** Runs it, and tells what becomes of it. @throws as `runTopology` does */
export async function operate(
  what: Undertaking,
  options: RunOptions,
  print: (text: string) => void,
): Promise<void> {
  const topology = what.built.plan.name;
  const logging = { topology, level: options.logLevel, format: options.logFormat };
  const progress = new Progress(topology, drawsTable(logging));
  const log = await openLog(logging, progress.say);
  if (options.inline) hushFaults(log);
  const setting = { what, options, print, progress, log, logging };
  const running = runOf(setting);
  if (options.explain) return print(`${explain(running.placement)}\n`);
  const { metricsHost, metricsPort } = options;
  const metrics =
    metricsPort === undefined
      ? undefined
      : await servingMetrics(running, topology, metricsHost, metricsPort);
  if (metrics !== undefined) log.info(`metrics are at ${metrics.url}`);
  await watched(running, setting).finally(() => metrics?.close());
}

/** What the parts of a run share. */
interface Setting {
  readonly what: Undertaking;
  readonly options: RunOptions;
  readonly progress: Progress;
  readonly log: Log;
  readonly logging: LogOptions;
  /** Writes the result. */
  readonly print: (text: string) => void;
}

/** A table can only be drawn where nothing else expects lines. */
const drawsTable = ({ level, format }: LogOptions): boolean =>
  process.stderr.isTTY === true && level === 'info' && format === 'pretty';

function runOf({ what, options, log, logging }: Setting): Run {
  const { built, parameters, source, stateDir } = what;
  return new Run({
    topology: preparationOf(built),
    source,
    parameters,
    workers: workersOf(options),
    stateDir,
    options: {
      maxSpoutPending: MAX_SPOUT_PENDING,
      maxAttempts: options.maxAttempts,
      messageTimeoutMs: options.messageTimeout,
      acking: true,
    },
    startWorker: options.inline
      ? inlineWorker(built)
      : forkWorker(options.json ? 2 : 'inherit', logging, memoryMbOf(options)),
    events: eventsTo(log, stateDir),
  });
}

const memoryMbOf = ({ workers, workerMemoryMb }: RunOptions): number =>
  workerMemoryMb ?? defaultWorkerMemoryMb(workers);

const workersOf = ({ inline, workers }: RunOptions): number => (inline ? 1 : workers);

const eventsTo = (log: Log, stateDir: string): RunEvents => ({
  resumed: (messages, samePlan) => {
    const anew = 'delete that folder, or give another --state, to begin anew';
    if (samePlan)
      log.info(
        `going on from the last commit in ${stateDir}: ${count(messages)} messages are done and are not read again; ${anew}`,
      );
    else
      log.warn(
        `the last run on ${stateDir} had other parameters, or the topology was another then: what it has done of this input is not read again; ${anew}`,
      );
  },
  notice: onceEach(log.warn),
  workerDied: (worker, how) =>
    log.warn(`worker ${worker} died (${how}); its messages are replayed and it is started again`, {
      worker,
    }),
  stalled: (code) =>
    log.warn(
      code === null
        ? 'storage can be written again; going on'
        : `storage cannot be written (${code}): nothing is acked; going on when it can be written again`,
    ),
});

/** Runs it with everything that looks on; tells how it ended while it still owns its state folder. */
async function watched(
  running: Run,
  { what, options, progress, log, print }: Setting,
): Promise<void> {
  const lettersIn = what.source.letters ?? what.stateDir;
  const stop = stopOnSignals(running, options.drainTimeout, log.info);
  const watch = warnWhenAllDie(running, log.warn);
  const startMs = performance.now();
  const quieten = (): void => {
    watch.stop();
    progress.stop();
  };
  const report = async (result: RunResult): Promise<void> => {
    quieten();
    await what.settle?.();
    const durationMs = performance.now() - startMs;
    const summary = summaryOf(progress.topology, workersOf(options), durationMs, result);
    if (result.error !== undefined) log.error(result.error);
    const tell = result.outcome === 'failed' ? log.error : log.info;
    const { topology, ...figures } = summary;
    if (!options.json) tell(summaryText(summary), {}, figures);
    if (summary.deadLetters > 0) log.warn(deadLetterText(topology, lettersIn, running.reasons()));
    if (stop.atOnce) log.warn(LEFT);
    if (options.json) print(`${JSON.stringify(summary)}\n`);
    process.exitCode = stop.atOnce ? EXIT.failed : exitCodeOf(summary);
  };
  progress.start(
    () => running.components(),
    (text, figures) => log.info(text, {}, figures),
  );
  const over = options.inline ? refuseEnd(log) : () => {};
  await writingTo(what.stateDir, () => running.run(report))
    .finally(quieten)
    .finally(over);
}

const LEFT =
  'stopped at once: what was in flight is read again by the next run with the same --state';

const exitCodeOf = ({ outcome, deadLetters }: Summary): number =>
  outcome === 'failed' ? EXIT.failed : deadLetters > 0 ? EXIT.partial : EXIT.done;
