/** Processes as the kernel sees them: whose child is whose, and who is still there. @module */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The worker processes of a coordinator that live now, the oldest first. */
export function workersOf(coordinator: number): number[] {
  const threads = namesIn(`/proc/${coordinator}/task`);
  return threads
    .flatMap((thread) => textOf(`/proc/${coordinator}/task/${thread}/children`).trim().split(' '))
    .map(Number)
    .filter((pid) => commandOf(pid).includes('worker/main.js') && isRunning(pid))
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

/** Whether a worker waits for its peers on a unix socket. */
export function listens(pid: number): boolean {
  // proc_net(5): … type state inode path; the flag of one that listens is 00010000.
  const listening = textOf('/proc/net/unix')
    .split('\n')
    .filter((line) => / 00010000 .*\.sock$/.test(line));
  const sockets = new Set(listening.map((line) => `socket:[${line.trim().split(/\s+/)[6]}]`));
  return namesIn(`/proc/${pid}/fd`).some((fd) => sockets.has(linkOf(`/proc/${pid}/fd/${fd}`)));
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
