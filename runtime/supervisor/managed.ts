/**
 * One topology on this machine: brings its processes to what is desired of it, and keeps them there.
 *
 *     waiting -> starting -> running -> ending -> waiting      (begins again, if it is to)
 *
 * @module
 */
import { join } from 'node:path';
import { Run } from '../coordinator/run.js';
import type { Preparation } from '../coordinator/preparation.js';
import type { RunEvents, RunRequest, RunResult } from '../coordinator/run-request.js';
import type { Log } from '../log.js';
import type { TopologyState } from '../nimbus/status.js';
import type { Report, ReportedFigures } from '../nimbus/report.js';
import type { Desired, Ended, Version } from './desired.js';
import { reportedFigures } from './figures.js';
import { prepare } from './prepare.js';
import { Processes } from './processes.js';
import { Trial } from './trial.js';

const MAX_SPOUT_PENDING = 32_768;
const DRAIN_TIMEOUT_MS = 30_000;
const JUDGE_PERIOD_MS = 500;
const RETRY_DELAY_MS = 500;
const RETRY_DELAY_MS_MAX = 30_000;

/** What it needs of the supervisor. */
export interface ManagedPorts {
  readonly stateDir: string;
  readonly controlPath: string;
  readonly log: Log;
  /** How it ended before, in this supervisor's life or another's. */
  readonly ended: Ended | null;
  /** It has ended: noted durably. */
  readonly noteEnded: (ended: Ended) => Promise<void>;
  /** Something changed that nimbus should hear of soon. */
  readonly changed: () => void;
}

export class Managed {
  readonly #ports: ManagedPorts;
  readonly processes: Processes;
  #desired: Desired;
  #run: Run | null = null;
  /** What was counted to the end of the life before: it is told as long as there is no other. */
  #last: ReportedFigures | null = null;
  /** What the processes there are follow. */
  #followed: Desired;
  #ended: Ended | null;
  /** Why it waits to be tried again. */
  #trouble: string | null = null;
  /** Why nothing can be stored now. */
  #stalled: string | null = null;
  #tries = 0;
  #scaling = false;
  #trial: Report['trial'] = null;
  #draining: NodeJS.Timeout | null = null;
  /** It is to be forgotten, or the supervisor stops. */
  #leaving = false;
  #working: Promise<void> | null = null;
  #wake: () => void = () => {};

  constructor(desired: Desired, ports: ManagedPorts) {
    this.#desired = this.#followed = desired;
    this.#ports = ports;
    this.#ended = ports.ended?.submittedAt === desired.submittedAt ? ports.ended : null;
    this.processes = new Processes({
      topology: desired.name,
      controlPath: ports.controlPath,
      logsDir: join(ports.stateDir, 'logs'),
    });
    this.#look();
  }

  /** Which of those that had this name, over time. */
  get submittedAt(): string {
    return this.#desired.submittedAt;
  }

  /** What is desired from now on. */
  apply(desired: Desired): void {
    if (desired.generation === this.#desired.generation) return;
    this.#desired = desired;
    this.#tries = 0;
    this.#wake();
    this.#look();
  }

  /** Lets what is in flight finish, and ends its processes. Resolves when they are gone. */
  async leave(): Promise<void> {
    this.#leaving = true;
    this.#wake();
    this.#drain();
    await this.#working;
  }

  /** Ends its processes at once. Resolves when they are gone. */
  async kill(): Promise<void> {
    this.#leaving = true;
    this.#wake();
    this.#run?.abort();
    await this.#working;
  }

  report(): Report {
    const run = this.#run;
    return {
      name: this.#desired.name,
      state: this.#state(),
      reason: this.#stalled ?? this.#trouble ?? (this.#isOver() ? this.#ended!.error : null),
      reached: this.#isReached() ? this.#desired.generation : this.#desired.generation - 1,
      trial: this.#trial,
      restarts: run?.restarts ?? 0,
      figures: this.#leaving ? null : run === null ? this.#last : reportedFigures(run),
      atMs: performance.now(),
    };
  }

  #state(): TopologyState {
    const { target } = this.#desired;
    if (this.#run === null) {
      if (this.#isOver() && this.#ended !== null) return this.#ended.outcome;
      return target === 'drained' ? 'draining' : 'starting';
    }
    if (this.#draining !== null) return 'draining';
    if (!this.#run.going) return 'starting';
    return target === 'paused' ? 'paused' : 'running';
  }

  #isReached(): boolean {
    const { target } = this.#desired;
    if (target === 'drained' || this.#isOver()) return this.#run === null && this.#isOver();
    const isThere = this.#run?.going === true && this.#draining === null && this.#isSame();
    return isThere && this.#unscaled().length === 0;
  }

  /** It has ended, and nobody has asked to begin again. */
  #isOver(): boolean {
    return this.#ended !== null && this.#ended.starts >= this.#desired.starts;
  }

  /** The processes there are can follow what is desired. */
  #isSame(): boolean {
    const key = ({ version, starts }: Desired): string => JSON.stringify([version, starts]);
    return key(this.#desired) === key(this.#followed);
  }

  /** Bolts that do not have the tasks yet that they are to have. */
  #unscaled(): [bolt: string, tasks: number][] {
    const now = new Map(this.#run?.placement.nodes.map((node) => [node.name, node.taskWorkers]));
    return Object.entries(this.#desired.tasks).filter(
      ([bolt, tasks]) => now.has(bolt) && now.get(bolt)!.length !== tasks,
    );
  }

  /** One after the other; what cannot be done now is tried again at the next look. */
  async #scale(): Promise<void> {
    const run = this.#run;
    if (run === null || !run.going || this.#scaling || this.#draining !== null) return;
    this.#scaling = true;
    try {
      for (const [bolt, tasks] of this.#unscaled()) {
        await run.scale(bolt, tasks);
        this.#ports.log.info(`"${bolt}" has ${tasks} tasks`);
        this.#ports.changed();
      }
    } catch (error) {
      this.#ports.log.warn(error instanceof Error ? error.message : String(error));
    } finally {
      this.#scaling = false;
    }
  }

  /** Brings about what is desired, as far as that is done now. */
  #look(): void {
    const { target } = this.#desired;
    if (this.#run !== null) {
      if (target === 'drained' || !this.#isSame()) this.#drain();
      else {
        this.#run.pause(target === 'paused');
        void this.#scale();
      }
    }
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
      if (this.#isWanted()) this.#look();
    });
    this.#ports.changed();
  }

  #isWanted(): boolean {
    return !this.#leaving && !this.#isOver();
  }

  /** One life after the other, as long as it is wanted. */
  async #work(): Promise<void> {
    while (this.#isWanted()) {
      const desired = this.#desired;
      await this.#life(desired);
      if (this.#draining !== null) clearTimeout(this.#draining);
      this.#draining = null;
      this.#run = null;
      this.#ports.changed();
    }
  }

  async #over(desired: Desired, trial: Trial | null, result: RunResult): Promise<void> {
    const { outcome, error } = result;
    if (this.#leaving) return;
    if (outcome === 'failed' && trial?.open) return this.#fallBack(desired, error ?? 'it failed');
    if (outcome === 'stopped' && this.#desired.target !== 'drained') return;
    this.#ended = {
      submittedAt: desired.submittedAt,
      starts: desired.starts,
      outcome: outcome === 'stopped' ? 'drained' : outcome,
      error: error ?? null,
    };
    await this.#ports.noteEnded(this.#ended);
    if (error === undefined) this.#ports.log.info(this.#ended.outcome);
    else this.#ports.log.error(error);
  }

  /** From start to end. */
  async #life(desired: Desired): Promise<void> {
    this.#followed = desired;
    const run = new Run(this.#requestOf(desired));
    this.#run = run;
    if (desired.target === 'paused') run.pause(true);
    if (desired.target === 'drained') this.#endSoon(run);
    const trial = desired.fallback === undefined ? null : new Trial();
    const judging = setInterval(() => {
      if (run.going) this.#trouble = null;
      this.#judge(desired, run, trial);
      void this.#scale();
    }, JUDGE_PERIOD_MS);
    try {
      // Settled before its state is forgotten: killed in between, it does not begin all over.
      await run.run((result) => this.#over(desired, trial, result));
      this.#tries = 0;
      this.#trouble = null;
      this.#stalled = null;
    } catch (error) {
      await this.#couldNot(desired, trial, error instanceof Error ? error.message : String(error));
    } finally {
      clearInterval(judging);
      this.#last = { ...reportedFigures(run), workers: [] };
    }
  }

  #judge({ generation }: Desired, run: Run, trial: Trial | null): void {
    if (trial === null || this.#trial?.generation === generation) return;
    if (!trial.open) {
      this.#trial = { generation, why: null };
      return this.#ports.changed();
    }
    const why = trial.verdict(run.components());
    if (why !== null) run.abort(why);
  }

  async #couldNot(desired: Desired, trial: Trial | null, why: string): Promise<void> {
    this.#run = null;
    if (trial?.open) return this.#fallBack(desired, why);
    this.#trouble = why;
    this.#ports.log.error(why);
    this.#ports.changed();
    await this.#pause();
  }

  /** The new version has failed: the one before runs on. Nimbus is told, and makes that what is desired. */
  #fallBack(desired: Desired, why: string): void {
    this.#ports.log.error(`the upgrade is taken back: ${why}`);
    this.#trial = { generation: desired.generation, why };
    if (this.#desired.generation !== desired.generation) return;
    const { fallback, ...rest } = desired;
    this.#desired = { ...rest, version: fallback! };
  }

  #requestOf({ version, target }: Desired): RunRequest {
    const { source, parameters, workers, maxAttempts, messageTimeoutMs, directory } = version;
    return {
      topology: preparationIn(version),
      source,
      parameters,
      workers,
      stateDir: this.#ports.stateDir,
      options: { maxSpoutPending: MAX_SPOUT_PENDING, maxAttempts, messageTimeoutMs, acking: true },
      startWorker: this.processes.starting(directory, version.workerMemoryMb),
      adoptWorker: this.processes.adopt,
      draining: target === 'drained',
      events: this.#events(),
    };
  }

  /** Before it is tried again; ends when something else is desired. */
  #pause(): Promise<void> {
    const delayMs = Math.min(RETRY_DELAY_MS * 2 ** this.#tries++, RETRY_DELAY_MS_MAX);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #drain(): void {
    const run = this.#run;
    if (run === null || this.#draining !== null) return;
    run.drain();
    this.#endSoon(run);
  }

  #endSoon(run: Run): void {
    this.#draining = setTimeout(
      () => run.abort(`not everything in flight was done within ${DRAIN_TIMEOUT_MS / 1000} s`),
      DRAIN_TIMEOUT_MS,
    );
  }

  #events(): RunEvents {
    const { log, changed } = this.#ports;
    return {
      resumed: (messages) =>
        log.info(`going on from the last commit: ${messages} messages are done`),
      notice: (message, from) => log.warn(message, from),
      workerDied: (worker, how) =>
        log.warn(`worker ${worker} died (${how}); its messages are replayed`, { worker }),
      stalled: (code) => {
        this.#stalled = code === null ? null : `storage cannot be written (${code})`;
        log.warn(this.#stalled ?? 'storage can be written again');
        changed();
      },
    };
  }
}

/** The topology's own code runs elsewhere. */
const preparationIn = ({
  plan,
  receivers,
  source,
  parameters,
  directory,
  workers,
}: Version): Preparation => ({
  plan,
  receivers,
  async assign({ nodes }, stateDir) {
    const shares = Object.fromEntries(
      nodes.map(({ name, taskWorkers, groups }) => [name, { taskWorkers, groups }]),
    );
    const assign = { workers, shares, stateDir, hash: plan.hash };
    const { assignments, counters } = await prepare({ source, parameters, directory, assign });
    return { assignments, counters: new Map(counters) };
  },
});
