/**
 * Processes that outlive the supervisor: started apart from it, and told what to do over its socket. When it comes
 * back, they call again, and it takes them over.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Socket } from 'node:net';
import type { FromWorker } from '../coordinator/protocol.js';
import type { NotedRole } from '../coordinator/leftovers.js';
import {
  execArgvOf,
  type AdoptWorker,
  type StartWorker,
  type WorkerEvents,
  type WorkerHandle,
} from '../coordinator/worker-handle.js';
import { isAlive, processOf, type ProcessId } from '../state/process-id.js';
import { writeMessage } from '../transport/lines.js';
import type { Control, Hello } from '../worker/link.js';
import type { Caller } from './control.js';
import { openLogFile } from './log-file.js';

/** One process, whether it calls or not. */
class Remote implements WorkerHandle {
  readonly #process: ProcessId;
  readonly #events: WorkerEvents;
  #socket: Socket | null = null;
  /** What is said when it calls. */
  #waiting: unknown[] = [];
  #ended: () => void = () => {};
  readonly #gone = new Promise<void>((resolve) => (this.#ended = resolve));
  #isGone = false;
  /** Called when its call has ended. */
  hungUp: () => void = () => {};

  constructor(process: ProcessId, events: WorkerEvents) {
    this.#process = process;
    this.#events = events;
  }

  get pid(): number {
    return this.#process.pid;
  }

  send(message: unknown): void {
    if (this.#socket === null) this.#waiting.push(message);
    else writeMessage(this.#socket, message);
  }

  kill(): Promise<void> {
    if (!this.#isGone && isAlive(this.#process)) process.kill(this.pid, 'SIGKILL');
    return this.#gone;
  }

  /** It calls. @param first said before all else */
  called({ socket }: Caller, first: readonly unknown[]): void {
    this.#socket = socket;
    for (const message of [...first, ...this.#waiting]) writeMessage(socket, message);
    this.#waiting = [];
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.hungUp();
    });
  }

  get calls(): boolean {
    return this.#socket !== null;
  }

  heard(message: FromWorker): void {
    this.#events.message(message);
  }

  exit(how: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#ended();
    this.#events.exit(how);
  }
}

/** How soon the death is noticed of a process that is not a child of this one: when it dies, its call ends. */
const LOOK_PERIOD_MS = 20;
/** While it calls, that is enough. */
const LOOK_PERIOD_MS_CALLING = 1000;

/** What the processes of one topology share. */
export interface ProcessesOptions {
  readonly topology: string;
  /** Of the supervisor. */
  readonly controlPath: string;
  /** Where what they print goes. */
  readonly logsDir: string;
}

export class Processes {
  readonly #options: ProcessesOptions;
  /** By the id that they call with. */
  readonly #expected = new Map<string, { remote: Remote; first: () => Promise<unknown[]> }>();

  constructor(options: ProcessesOptions) {
    this.#options = options;
  }

  /** Takes a call; false when it is of nobody known. */
  called(caller: Caller, hello: Hello): boolean {
    const expected = this.#expected.get(hello.id);
    if (expected === undefined || expected.remote.pid !== hello.pid) return false;
    const { remote, first } = expected;
    caller.take = (message) => remote.heard(message as FromWorker);
    // It was started by a supervisor that died before it could say what for.
    if (hello.started) remote.called(caller, []);
    else void first().then((messages) => remote.called(caller, messages));
    return true;
  }

  /**
   * @param directory where they work: relative paths begin there
   * @param memoryMb the heap of a worker; more ends it
   */
  starting(directory: string, memoryMb: number | undefined): StartWorker {
    return (start, events, noted) => this.#start(directory, memoryMb, start, events, noted);
  }

  #start(
    directory: string,
    memoryMb: number | undefined,
    ...[start, events, noted]: Parameters<StartWorker>
  ): WorkerHandle {
    const { topology, controlPath, logsDir } = this.#options;
    const isWorkers = start.type === 'start';
    const id = isWorkers
      ? idOf(topology, { worker: start.worker, epoch: start.epoch })
      : idOf(topology, { receives: start.component });
    const control: Control = { path: controlPath, id };
    const role = isWorkers ? 'worker' : 'receiver';
    const log = {
      topology,
      level: 'info',
      format: 'json',
      ...(isWorkers && { worker: start.worker }),
    };
    const main = fileURLToPath(new URL(`../${role}/main.js`, import.meta.url));
    const name = isWorkers ? `worker-${start.worker}` : `receiver-${start.component}`;
    const file = openLogFile(join(logsDir, `${name}.log`));
    const child = spawn(
      process.execPath,
      [...execArgvOf(role, memoryMb), main, JSON.stringify(log), JSON.stringify(control)],
      // Its own process group: Ctrl-C is for the supervisor.
      { cwd: directory, detached: true, stdio: ['ignore', file, file] },
    );
    closeSync(file);
    child.unref();
    const remote = new Remote(processOf(child.pid ?? -1), this.#forgetting(id, events));
    child.on('exit', (code, signal) => remote.exit(signal ?? `exit code ${code}`));
    child.on('error', (error) => child.pid === undefined && remote.exit(error.message));
    const first = async (): Promise<unknown[]> => {
      await noted();
      return [start];
    };
    this.#expected.set(id, { remote, first });
    return remote;
  }

  readonly adopt: AdoptWorker = (left, events) => {
    const id = idOf(this.#options.topology, left);
    const remote = new Remote(left, this.#forgetting(id, events));
    let next: NodeJS.Timeout;
    const look = (): void => {
      clearTimeout(next);
      if (isAlive(left))
        next = setTimeout(look, remote.calls ? LOOK_PERIOD_MS_CALLING : LOOK_PERIOD_MS);
      else remote.exit('nobody saw how');
    };
    next = setTimeout(look, LOOK_PERIOD_MS);
    remote.hungUp = look;
    this.#expected.set(id, {
      remote,
      // It never began, and what it was to do is not known any more.
      first: async () => {
        await remote.kill();
        return [];
      },
    });
    return remote;
  };

  #forgetting(id: string, events: WorkerEvents): WorkerEvents {
    return {
      message: events.message,
      exit: (how) => {
        this.#expected.delete(id);
        events.exit(how);
      },
    };
  }
}

const idOf = (topology: string, role: NotedRole): string =>
  'worker' in role
    ? `${topology}/worker/${role.worker}/${role.epoch}`
    : `${topology}/receiver/${role.receives}`;
