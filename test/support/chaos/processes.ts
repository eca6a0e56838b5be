/** Processes as the kernel sees them: whose child is whose, and who is still there. @module */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The worker processes of a coordinator that live now, the oldest first. */
export const workersOf = (coordinator: number): number[] =>
  childrenOf(coordinator, 'worker/main.js');

/** Its processes that receive. */
export const receiversOf = (coordinator: number): number[] =>
  childrenOf(coordinator, 'receiver/main.js');

/** The children of a process in whose command (arguments end with NUL) there is `program`, the oldest first. */
export function childrenOf(coordinator: number, program: string): number[] {
  const threads = namesIn(`/proc/${coordinator}/task`);
  return threads
    .flatMap((thread) => textOf(`/proc/${coordinator}/task/${thread}/children`).trim().split(' '))
    .map(Number)
    .filter((pid) => commandOf(pid).includes(program) && isRunning(pid))
    .sort((a, b) => a - b);
}

/** Whether a process is there and is no zombie. */
export function isRunning(pid: number): boolean {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat !== '' && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}

/** Whether a process was stopped by SIGSTOP. */
export function isStopped(pid: number): boolean {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
}

/** How many peers have dialled a worker; undefined until it listens. */
export function peersOf(pid: number): number | undefined {
  const own = new Set(namesIn(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`)));
  // proc_net_unix: num refcount protocol flags type state inode path; a socket that was accepted has the path of the one that listens.
  const sockets = textOf('/proc/net/unix')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , , , , inode, path]) => path?.endsWith('.sock') && own.has(`socket:[${inode}]`));
  return sockets.length === 0 ? undefined : sockets.length - 1;
}

const commandOf = (pid: number): string => textOf(`/proc/${pid}/cmdline`);

const namesIn = (folder: string): string[] => orElse([], () => readdirSync(folder));
const linkOf = (path: string): string => orElse('', () => readlinkSync(path));
const textOf = (path: string): string => orElse('', () => readFileSync(path, 'utf8'));

/** What is read of a process that has gone meanwhile. */
function orElse<T>(otherwise: T, read: () => T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
