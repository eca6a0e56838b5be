/** Processes as the kernel sees them: whose child is whose, and who is still there. @module */
import { readdirSync, readFileSync } from 'node:fs';

/** The worker processes of a coordinator that live now, the oldest first. */
export function workersOf(coordinator: number): number[] {
  const children = textsOf(`/proc/${coordinator}/task`, 'children').flatMap((text) =>
    text.trim().split(' '),
  );
  return children
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

const commandOf = (pid: number): string => textOf(`/proc/${pid}/cmdline`);

function textsOf(folder: string, name: string): string[] {
  try {
    return readdirSync(folder).map((entry) => textOf(`${folder}/${entry}/${name}`));
  } catch {
    return [];
  }
}

/** Empty when the process has gone meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
