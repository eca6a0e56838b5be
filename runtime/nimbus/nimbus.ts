/**
 * Holds what is to run, and tells the supervisor. Never on the way of a tuple: when it dies, data flows on, and the
 * next one begins with the same state.
 *
 *     <dir>/nimbus/lock.<n>         one nimbus a folder; its number fences those before it
 *     <dir>/nimbus/state.journal    topologies by name
 *     <dir>/artefacts/<hash>.mjs    what was submitted
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Log } from '../log.js';
import type { Exposition } from '../metrics/exposition.js';
import { writeAtomically } from '../state/atomic-file.js';
import { makeFolder } from '../state/folder.js';
import { KeyedJournal } from '../state/keyed-journal.js';
import { acquire, type RunLock } from '../state/run-lock.js';
import { whenMissing } from '../state/system-error.js';
import type { Desired, Version } from '../supervisor/desired.js';
import { folderOf, socketOf, stateDirOf } from '../supervisor/folders.js';
import { prepare } from '../supervisor/prepare.js';
import { exposeCluster } from './metrics.js';
import {
  Refused,
  TopologyName,
  type Operations,
  type ScaleRequest,
  type ScaleResult,
  type Submission,
  type UpgradeRequest,
  type UpgradeResult,
} from './operations.js';
import { comparePlans } from './compare-plans.js';
import type { Report } from './report.js';
import { planScaling } from './scaling.js';
import type { History, TopologyStatus } from './status.js';
import { SupervisorLink } from './supervisor-link.js';
import { Tracked } from './tracked.js';

export interface NimbusOptions {
  /** The cluster's folder. */
  readonly dir: string;
  /** What ships: by name, the path of its module. */
  readonly catalog: { readonly [name: string]: string };
  readonly log: Log;
}

type Loading = Pick<Submission, 'source' | 'parameters' | 'directory'>;

const TOPOLOGIES_MAX = 1000;

export class Nimbus implements Operations {
  readonly #dir: string;
  readonly #catalog: NimbusOptions['catalog'];
  readonly #log: Log;
  readonly #lock: RunLock;
  readonly #state: KeyedJournal;
  readonly #link: SupervisorLink;
  readonly #topologies = new Map<string, Tracked>();
  readonly #listeners = new Set<() => void>();
  /** One change after the other. */
  #changing: Promise<unknown> = Promise.resolve();

  private constructor({ dir, catalog, log }: NimbusOptions, lock: RunLock, state: KeyedJournal) {
    this.#dir = resolve(dir);
    this.#catalog = catalog;
    this.#log = log;
    this.#lock = lock;
    this.#state = state;
    for (const [name, desired] of state.entries())
      this.#topologies.set(name, this.#tracked(desired as Desired));
    this.#link = new SupervisorLink(socketOf(this.#dir), lock.epoch, {
      reports: (reports) => this.#reported(reports),
      up: (up) => this.#supervisorIs(up),
    });
    this.#assign();
  }

  /** @throws StateInUse when another one owns the folder */
  static async start(options: NimbusOptions): Promise<Nimbus> {
    const folder = folderOf(resolve(options.dir), 'nimbus');
    const lock = await acquire(folder);
    return new Nimbus(options, lock, await KeyedJournal.open(folder));
  }

  async stop(): Promise<void> {
    this.#link.close();
    await this.#changing.catch(() => {});
    await this.#state.close();
    await this.#lock.release();
  }

  list(): readonly TopologyStatus[] {
    return [...this.#topologies.values()].map((each) => each.status());
  }

  show(name: string): TopologyStatus {
    return this.#find(name).status();
  }

  history(name: string): History {
    return this.#find(name).history();
  }

  async submit(submission: Submission): Promise<TopologyStatus> {
    // Not in turn: loading it may take long, and nobody else need wait.
    const loaded = await this.#loaded(submission);
    const { workers, maxAttempts, messageTimeoutMs, workerMemoryMb } = submission;
    const version: Version = {
      ...loaded,
      ...{ workers, maxAttempts, messageTimeoutMs },
      ...(workerMemoryMb !== undefined && { workerMemoryMb }),
    };
    const name = submission.name ?? loaded.plan.name;
    return this.#inTurn(() => {
      this.#refuseName(name);
      const submittedAt = new Date().toISOString();
      return this.#keep({
        name,
        generation: 1,
        starts: 1,
        target: 'running',
        version,
        tasks: {},
        takenBack: null,
        submittedAt,
      });
    });
  }

  pause(name: string): Promise<TopologyStatus> {
    return this.#change(name, (desired, { state }) => {
      if (isEnded(state))
        throw new Refused(409, 'not-running', `"${name}" is ${state}; there is nothing to pause.`);
      return { ...desired, target: 'paused' };
    });
  }

  resume(name: string): Promise<TopologyStatus> {
    return this.#change(name, (desired, { state }) => ({
      ...desired,
      target: 'running',
      starts: desired.starts + (desired.target === 'drained' || isEnded(state) ? 1 : 0),
    }));
  }

  drain(name: string): Promise<TopologyStatus> {
    return this.#change(name, (desired) => ({ ...desired, target: 'drained' }));
  }

  kill(name: string): Promise<TopologyStatus> {
    return this.#inTurn(async () => {
      const tracked = this.#find(name);
      this.#state.delete(name);
      await this.#state.flush();
      tracked.killed();
      if (!this.#link.up) this.#topologies.delete(name);
      this.#assign();
      return tracked.status();
    });
  }

  async scale(name: string, request: ScaleRequest): Promise<ScaleResult> {
    const tracked = this.#find(name);
    const { desired, placement } = tracked;
    const stateDir = stateDirOf(this.#dir, name);
    const changes = await planScaling(desired, placement, stateDir, request);
    const { dryRun, tasks, workers = desired.version.workers } = request;
    if (!dryRun && changes.length > 0)
      await this.#change(name, ({ fallback: _, ...before }) => ({
        ...before,
        version: { ...before.version, workers },
        tasks: { ...before.tasks, ...tasks },
      }));
    return { dryRun, changes };
  }

  async upgrade(name: string, { dryRun, ...request }: UpgradeRequest): Promise<UpgradeResult> {
    this.#find(name);
    const loaded = await this.#loaded(request);
    const { desired } = this.#find(name);
    const version = { ...desired.version, ...loaded };
    const fromHash = desired.version.plan.hash;
    const toHash = version.plan.hash;
    const { changes, problems } = comparePlans(desired.version.plan, version.plan);
    if (problems.length > 0)
      throw new Refused(
        409,
        'state-does-not-fit',
        `The state of "${name}" does not fit the new version, so nothing was changed: ${problems.join('; ')}. Drain "${name}", and submit the new version under another name.`,
      );
    if (!dryRun)
      await this.#change(name, (before) => ({
        ...before,
        version,
        fallback: before.version,
        takenBack: null,
      }));
    return { dryRun, fromHash, toHash, changes: [...changes] };
  }

  async logs(name: string): Promise<readonly string[]> {
    this.#find(name);
    const folder = join(stateDirOf(this.#dir, name), 'logs');
    const files = await readdir(folder).catch(whenMissing<string[]>([]));
    return files.sort().map((file) => join(folder, file));
  }

  metrics(): Promise<Exposition> {
    const topologies = [...this.#topologies.values()];
    return exposeCluster(
      topologies.flatMap((each) => each.families()),
      topologies.map((each) => each.status().state),
      this.#link.up,
    );
  }

  ready(): boolean {
    return this.#link.up;
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #refuseName(name: string): void {
    const checked = TopologyName.safeParse(name);
    if (!checked.success)
      throw new Refused(422, 'bad-name', `"${name}": ${checked.error.issues[0]!.message}.`);
    if (this.#topologies.has(name))
      throw new Refused(
        409,
        'already-there',
        `There is a topology "${name}" already. Submit this one under another --name, or upgrade that one.`,
      );
    if (this.#topologies.size >= TOPOLOGIES_MAX)
      throw new Refused(409, 'too-many', `There are ${TOPOLOGIES_MAX} topologies already.`);
  }

  /** What is submitted, loaded in a process of its own. @throws Refused */
  async #loaded({
    source,
    parameters,
    directory = process.cwd(),
  }: Loading): Promise<
    Pick<Version, 'source' | 'parameters' | 'directory' | 'plan' | 'receivers'>
  > {
    if (!existsSync(directory))
      throw new Refused(422, 'no-such-directory', `There is no folder ${directory}.`);
    const module =
      'catalog' in source ? this.#shipped(source.catalog) : await this.#kept(source.artefact);
    const what = { source: { module }, parameters, directory };
    try {
      const { plan, receivers } = await prepare(what);
      return { ...what, plan, receivers };
    } catch (error) {
      throw new Refused(
        422,
        'invalid-topology',
        error instanceof Error ? error.message : String(error),
      );
    }
  }

  #shipped(name: string): string {
    const module = Object.hasOwn(this.#catalog, name) ? this.#catalog[name] : undefined;
    if (module !== undefined) return module;
    const names = Object.keys(this.#catalog).join(', ');
    throw new Refused(
      422,
      'no-such-catalog-entry',
      `No topology of the catalogue is named "${name}". There are: ${names}.`,
    );
  }

  /** An artefact is named by its content: the same one is kept once. */
  async #kept(artefact: string): Promise<string> {
    const folder = folderOf(this.#dir, 'artefacts');
    const path = join(
      folder,
      `${createHash('sha256').update(artefact).digest('hex').slice(0, 16)}.mjs`,
    );
    await makeFolder(folder);
    await writeAtomically(path, artefact);
    return path;
  }

  #change(
    name: string,
    change: (desired: Desired, status: TopologyStatus) => Desired,
  ): Promise<TopologyStatus> {
    return this.#inTurn(async () => {
      const tracked = this.#find(name);
      const { desired } = tracked;
      const changed = change(desired, tracked.status());
      if (JSON.stringify(changed) === JSON.stringify(desired)) return tracked.status();
      return this.#keep({ ...changed, generation: desired.generation + 1 });
    });
  }

  /** Durable when it resolves; then the supervisor is told. */
  async #keep(desired: Desired): Promise<TopologyStatus> {
    const { name } = desired;
    this.#state.put(name, desired);
    await this.#state.flush();
    const known = this.#topologies.get(name);
    if (known === undefined) this.#topologies.set(name, this.#tracked(desired));
    else known.desired = desired;
    this.#assign();
    return this.#find(name).status();
  }

  #tracked(desired: Desired): Tracked {
    return new Tracked(desired, stateDirOf(this.#dir, desired.name));
  }

  #assign(): void {
    const topologies = [...this.#topologies.values()].flatMap(({ desired, isKilled }) =>
      isKilled ? [] : [desired],
    );
    this.#link.assign({ epoch: this.#lock.epoch, topologies });
  }

  #reported(reports: readonly Report[]): void {
    const reported = new Map(reports.map((report) => [report.name, report]));
    for (const [name, tracked] of this.#topologies) {
      const report = reported.get(name);
      if (report !== undefined) tracked.update(report);
      else if (tracked.isKilled) this.#topologies.delete(name);
    }
    for (const listener of this.#listeners) listener();
    for (const { desired, trial } of this.#topologies.values())
      if (trial !== null && desired.fallback !== undefined) void this.#tried(desired, trial.why);
  }

  /** An upgrade was kept, or taken back: the supervisor has done so already. */
  #tried({ name, generation }: Desired, why: string | null): Promise<unknown> {
    return this.#inTurn(async () => {
      const { desired } = this.#find(name);
      const { fallback, ...rest } = desired;
      if (desired.generation !== generation || fallback === undefined) return;
      const kept = why === null ? rest : { ...rest, version: fallback, takenBack: why };
      await this.#keep({ ...kept, generation: generation + 1 });
    }).catch((error: unknown) => this.#log.error(String(error)));
  }

  #supervisorIs(up: boolean): void {
    if (up) return this.#log.info('the supervisor is there');
    this.#log.warn('the supervisor is away');
    // Nobody will say that they are gone; the next one is told that they are not to run.
    for (const [name, { isKilled }] of this.#topologies)
      if (isKilled) this.#topologies.delete(name);
  }

  #find(name: string): Tracked {
    const tracked = this.#topologies.get(name);
    if (tracked !== undefined) return tracked;
    const names = [...this.#topologies.keys()];
    const there = names.length === 0 ? 'There are none.' : `There are: ${names.join(', ')}.`;
    throw new Refused(404, 'no-such-topology', `No topology is named "${name}". ${there}`);
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const done = this.#changing.catch(() => {}).then(run);
    this.#changing = done;
    return done;
  }
}

const isEnded = (state: TopologyStatus['state']): boolean =>
  state === 'drained' || state === 'completed' || state === 'failed';
