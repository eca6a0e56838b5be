/**
 * Which process it is, for good: a pid is used again after a while, the pair of pid and start time is not.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { codeOf } from './system-error.js';

export interface ProcessId {
  readonly pid: number;
  /** When it started, in a form that only compares; absent where there is no /proc. */
  readonly started?: string;
}

/** This process. */
export const thisProcess = (): ProcessId => processOf(process.pid);

/** The process that has this pid now. */
export const processOf = (pid: number): ProcessId => ({ pid, ...startedOf(pid) });

/** Whether exactly this process still runs (on this machine, seen from this process). One that was killed and is not yet reaped does not. */
export function isAlive({ pid, started }: ProcessId): boolean {
  if (!answers(pid)) return false;
  const now = startedOf(pid);
  return (
    now?.dead !== true && (started === undefined || now === undefined || now.started === started)
  );
}

/** proc_pid_stat(5): `pid (name) state … starttime(22) …`, in clock ticks since boot; the boot is told apart by its id. */
function startedOf(pid: number): { readonly started: string; readonly dead?: true } | undefined {
  const stat = readIfPresent(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name may hold spaces and parentheses: count from the last one. Field 3 comes first.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const boot = readIfPresent('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  const dead = fields[0] === 'Z' || fields[0] === 'X';
  return { started: `${boot}/${fields[19]}`, ...(dead && { dead }) };
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM'; // It is there, and someone else's.
  }
}
