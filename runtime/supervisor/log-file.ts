/** Files that processes print to: appended, and begun anew at a start when they have grown. @module */
import { mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const BYTES_MAX = 16 * 1024 * 1024;

/** Opens it to append, 0600; one that is too large becomes `<path>.1`. @returns a file descriptor */
export function openLogFile(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const { size } = statSync(path, { throwIfNoEntry: false }) ?? { size: 0 };
  if (size > BYTES_MAX) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}

/** Writes lines to such a file. What cannot be written is done without. */
export function fileLog(path: string): (line: string) => void {
  const file = openLogFile(path);
  return (line) => {
    try {
      writeSync(file, `${line}\n`);
    } catch {
      // A full disk is told by what needs it.
    }
  };
}
