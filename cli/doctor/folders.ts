/** The folders of state and output: whether they can be written, and how much room there is. @module */
import { access, constants, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { codeOf } from '../../runtime/state/system-error.js';
import { fail, least, ok, type Check } from './check.js';

const MIB = 1024 * 1024;
/** A journal may have 1 GiB, and files that are written 128 MiB each. */
const BYTES_WARN = 2048 * MIB;
const BYTES_FAIL = 64 * MIB;
const INODES_WARN = 10_000;
const INODES_FAIL = 100;

/** @param what `state` or `out` */
export async function folderChecks(what: string, folder: string): Promise<Check[]> {
  const there = await nearest(resolve(folder));
  const where = there === resolve(folder) ? folder : `${folder} (to be made in ${there})`;
  try {
    await access(there, constants.W_OK | constants.X_OK);
  } catch (error) {
    const next = 'Let this user write it, or name another folder.';
    return [fail(`${what} folder`, `${where} cannot be written (${codeOf(error)})`, next)];
  }
  const { bavail, bsize, files, ffree } = await statfs(there);
  return [
    ok(`${what} folder`, where),
    roomCheck(what, bavail * bsize),
    inodesCheck(what, files, ffree),
  ];
}

export const roomCheck = (what: string, bytes: number): Check =>
  least(`${what} disk`, bytes, {
    found: `${Math.floor(bytes / MIB).toLocaleString('en-US')} MiB free`,
    warnBelow: BYTES_WARN,
    failBelow: BYTES_FAIL,
    next: 'Make room: a run on a full disk waits, and acks nothing.',
  });

/** @param files how many the file system can have; 0 when it has no such limit */
export function inodesCheck(what: string, files: number, free: number): Check {
  if (files === 0) return ok(`${what} inodes`, 'without limit');
  return least(`${what} inodes`, free, {
    found: `${free.toLocaleString('en-US')} free`,
    warnBelow: INODES_WARN,
    failBelow: INODES_FAIL,
    next: 'Delete small files there, or take another file system: no file can be made without one.',
  });
}

/** The folder, or the nearest above it that is there. */
async function nearest(folder: string): Promise<string> {
  try {
    await access(folder, constants.F_OK);
    return folder;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(folder) === folder) return folder;
    return nearest(dirname(folder));
  }
}
