/** A running worker, in a process of its own or inline. @module */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Built } from '../../topology/plan/build.js';
import type { LogOptions } from '../log.js';
import { ReceiverHost } from '../receiver/host.js';
import { WorkerHost } from '../worker/host.js';
import type { NotedProcess } from './leftovers.js';
import type { FromWorker, ReceiveMessage, StartMessage, ToWorker } from './protocol.js';

export interface WorkerHandle {
  readonly pid: number;
  send(message: ToWorker): void;
  /** Ends it at once; resolves when it is gone, and can write no more. */
  kill(): Promise<void>;
}

export interface WorkerEvents {
  message(message: FromWorker): void;
  /** It is gone; `how` is a signal or an exit code. */
  exit(how: string): void;
}

/**
 * Starts a worker, or what receives for a spout.
 * @param noted resolves when it is noted that the process is there: one that can outlive its coordinator begins no sooner
 */
export type StartWorker = (
  start: StartMessage | ReceiveMessage,
  events: WorkerEvents,
  noted: () => Promise<void>,
) => WorkerHandle;

/** Starts what ends with its coordinator. */
type StartsWithin = (start: StartMessage | ReceiveMessage, events: WorkerEvents) => WorkerHandle;

/** Takes over a process that another coordinator has started: it says `here` when it has heard of this one. */
export type AdoptWorker = (process: NotedProcess, events: WorkerEvents) => WorkerHandle;

// A larger young generation than V8's 16 MiB: 5.15 µs an event against 5.4.
const EXEC_ARGV = ['--enable-source-maps', '--max-semi-space-size=64'];

/** Options of Node for a worker, or for what receives. @param memoryMb the heap of a worker; more ends it */
export const execArgvOf = (role: 'worker' | 'receiver', memoryMb?: number): string[] =>
  role === 'worker' && memoryMb !== undefined
    ? [...EXEC_ARGV, `--max-old-space-size=${memoryMb}`]
    : EXEC_ARGV;

const PLAIN: LogOptions = { topology: '', level: 'error', format: 'pretty' };

/**
 * @param stdout where what workers print goes: 'inherit', or 2 when the run's own result is to be alone on stdout
 * @param log how a worker says what ends it
 * @param memoryMb the heap of a worker; more ends it
 */
export function forkWorker(
  stdout: 'inherit' | 2,
  log: LogOptions = PLAIN,
  memoryMb?: number,
): StartsWithin {
  return (start, events) => {
    const role = start.type === 'start' ? 'worker' : 'receiver';
    const main = fileURLToPath(new URL(`../${role}/main.js`, import.meta.url));
    const child = fork(
      main,
      [JSON.stringify(start.type === 'start' ? { ...log, worker: start.worker } : log)],
      {
        execArgv: execArgvOf(role, memoryMb),
        stdio: ['inherit', stdout, 'inherit', 'ipc'],
        serialization: 'json',
      },
    );
    child.on('message', (message) => events.message(message as FromWorker));
    const gone = new Promise<void>((resolve) => {
      const ended = (how: string): void => {
        resolve();
        events.exit(how);
      };
      child.on('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
      // There is no exit of what never was.
      child.on('error', (error) => child.pid === undefined && ended(error.message));
    });
    tell(child, start);
    const kill = (): Promise<void> => {
      child.kill('SIGKILL');
      return gone;
    };
    return { pid: child.pid ?? -1, send: (message) => tell(child, message), kill };
  };
}

/** Runs the one worker, and what receives, in this process. */
export function inlineWorker(built: Built): StartsWithin {
  return (start, events) => {
    const send = (message: FromWorker): void => void setImmediate(() => events.message(message));
    const host =
      start.type === 'start'
        ? new WorkerHost(built, start, send)
        : new ReceiverHost(built, start, send);
    const opened = host.open();
    return {
      pid: process.pid,
      send: (message) => void opened.then(() => host.receive(message)),
      kill: () => opened.then(() => host.halt()),
    };
  };
}

function tell(child: ChildProcess, message: ToWorker | ReceiveMessage): void {
  if (child.connected) child.send(message, () => {});
}
