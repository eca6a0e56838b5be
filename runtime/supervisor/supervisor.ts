/**
 * Keeps the processes of topologies running on this machine by the last assignment that it was given, also while
 * nimbus is away. Killed and started again, it takes over the processes that run on.
 *
 *     <dir>/supervisor/lock.<n>          one supervisor a folder
 *     <dir>/supervisor/assignment.json   what is to run
 *     <dir>/supervisor/ended.json        how what does not run any more ended
 *     <dir>/supervisor.sock              where processes and nimbus call
 *     <dir>/topologies/<name>/           state, dead letters and logs of a topology
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Socket } from 'node:net';
import { openLog, type Log } from '../log.js';
import type { Report } from '../nimbus/report.js';
import { writeAtomically } from '../state/atomic-file.js';
import { makeFolder } from '../state/folder.js';
import { acquire, type RunLock } from '../state/run-lock.js';
import { whenMissing } from '../state/system-error.js';
import { writeMessage } from '../transport/lines.js';
import type { EndMessage, Hello } from '../worker/link.js';
import { Control, type Caller } from './control.js';
import type { Assignment, Desired, Ended } from './desired.js';
import { folderOf, socketOf, stateDirOf } from './folders.js';
import { fileLog } from './log-file.js';
import { Managed } from './managed.js';

const REPORT_PERIOD_MS = 1000;
/** Changes that follow closely are told together. */
const REPORT_DELAY_MS = 20;

/** What nimbus says first. */
export interface NimbusHello {
  readonly nimbus: number;
}

export class Supervisor {
  readonly #dir: string;
  readonly #log: Log;
  readonly #lock: RunLock;
  readonly #managed = new Map<string, Managed>();
  readonly #ended: Map<string, Ended>;
  #assignment: Assignment;
  #control: Control | null = null;
  #nimbus: Socket | null = null;
  #reporting: NodeJS.Timeout | null = null;
  #soon: NodeJS.Timeout | null = null;
  /** One change after the other. */
  #changing: Promise<void> = Promise.resolve();
  /** What is being killed, by name: it may not begin again before it is gone. */
  readonly #leaving = new Map<string, Promise<void>>();

  private constructor(
    dir: string,
    log: Log,
    lock: RunLock,
    assignment: Assignment,
    ended: Map<string, Ended>,
  ) {
    this.#dir = dir;
    this.#log = log;
    this.#lock = lock;
    this.#assignment = assignment;
    this.#ended = ended;
  }

  /**
   * Starts what is assigned, and listens before it resolves.
   * @throws StateInUse when another one owns the folder
   */
  static async start(dir: string, log: Log): Promise<Supervisor> {
    const folder = folderOf(resolve(dir), 'supervisor');
    const lock = await acquire(folder);
    const assignment = await readJson<Assignment>(join(folder, 'assignment.json'), {
      epoch: 0,
      topologies: [],
    });
    const ended = await readJson<[string, Ended][]>(join(folder, 'ended.json'), []);
    const supervisor = new Supervisor(resolve(dir), log, lock, assignment, new Map(ended));
    supervisor.#control = await Control.listen(socketOf(resolve(dir)), (caller) =>
      supervisor.#called(caller),
    );
    await supervisor.#carryOut();
    supervisor.#reporting = setInterval(() => supervisor.#report(), REPORT_PERIOD_MS);
    return supervisor;
  }

  /** Lets what is in flight finish, and ends all processes; what is assigned goes on when it is started again. */
  async stop(): Promise<void> {
    await Promise.all([...this.#managed.values()].map((each) => each.leave()));
    await Promise.all(this.#leaving.values());
    if (this.#reporting !== null) clearInterval(this.#reporting);
    if (this.#soon !== null) clearTimeout(this.#soon);
    this.#control?.close();
    await this.#lock.release();
  }

  /** Ends all processes at once: what was in flight is read again when they are started again. */
  async halt(): Promise<void> {
    await Promise.all([...this.#managed.values()].map((each) => each.kill()));
  }

  #called(caller: Caller): void {
    const hello = caller.hello as Partial<Hello & NimbusHello>;
    if (typeof hello.nimbus === 'number') return this.#nimbusCalled(caller);
    const name = typeof hello.id === 'string' ? hello.id.split('/')[0]! : '';
    if (this.#managed.get(name)?.processes.called(caller, hello as Hello)) return;
    const isWanted = this.#assignment.topologies.some((each) => each.name === name);
    // One that had begun may be taken over in a moment: it calls again.
    if (!isWanted || hello.started !== true)
      writeMessage(caller.socket, { type: 'end' } satisfies EndMessage);
    caller.socket.end();
  }

  #nimbusCalled(caller: Caller): void {
    this.#nimbus?.destroy();
    this.#nimbus = caller.socket;
    caller.socket.on('close', () => {
      if (this.#nimbus === caller.socket) this.#nimbus = null;
    });
    caller.take = (message) => {
      this.#changing = this.#changing
        .then(() => this.#assign(message as Assignment))
        .catch((error: unknown) => this.#log.error(String(error)));
    };
    this.#report();
  }

  /** What one that was replaced still wants is not done. */
  async #assign(assignment: Assignment): Promise<void> {
    if (assignment.epoch < this.#assignment.epoch) return;
    await writeAtomically(
      join(folderOf(this.#dir, 'supervisor'), 'assignment.json'),
      JSON.stringify(assignment),
    );
    this.#assignment = assignment;
    await this.#carryOut();
  }

  async #carryOut(): Promise<void> {
    const wanted = new Map(this.#assignment.topologies.map((each) => [each.name, each]));
    for (const [name, managed] of this.#managed)
      // One that was killed and submitted again while we were away is another.
      if (wanted.get(name)?.submittedAt !== managed.submittedAt) this.#kill(name, managed);
    for (const desired of wanted.values()) {
      const managed = this.#managed.get(desired.name);
      if (managed === undefined) await this.#begin(desired);
      else managed.apply(desired);
    }
    for (const name of this.#ended.keys())
      if (!wanted.has(name)) {
        this.#ended.delete(name);
        await this.#noteEnded();
      }
  }

  async #begin(desired: Desired): Promise<void> {
    const { name } = desired;
    await this.#leaving.get(name);
    const stateDir = stateDirOf(this.#dir, name);
    const logsDir = join(stateDir, 'logs');
    await makeFolder(logsDir);
    const log = await openLog(
      { topology: name, level: 'info', format: 'json' },
      fileLog(join(logsDir, 'coordinator.log')),
    );
    const managed = new Managed(desired, {
      stateDir,
      controlPath: socketOf(this.#dir),
      log,
      ended: this.#ended.get(name) ?? null,
      noteEnded: async (ended) => {
        this.#ended.set(name, ended);
        await this.#noteEnded();
      },
      changed: () => this.#reportSoon(),
    });
    this.#managed.set(name, managed);
  }

  #kill(name: string, managed: Managed): void {
    this.#managed.delete(name);
    const gone = managed.kill().finally(() => this.#leaving.delete(name));
    this.#leaving.set(name, gone);
  }

  #noteEnded(): Promise<void> {
    return writeAtomically(
      join(folderOf(this.#dir, 'supervisor'), 'ended.json'),
      JSON.stringify([...this.#ended]),
    );
  }

  #reportSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = null;
      this.#report();
    }, REPORT_DELAY_MS);
  }

  #report(): void {
    if (this.#nimbus === null) return;
    const reports: Report[] = [...this.#managed.values()].map((managed) => managed.report());
    writeMessage(this.#nimbus, { epoch: this.#assignment.epoch, reports });
  }
}

const readJson = <T>(path: string, otherwise: T): Promise<T> =>
  readFile(path, 'utf8').then((text) => JSON.parse(text) as T, whenMissing(otherwise));
