/** Finds a file again that was renamed: rotation keeps the inode and, as a rule, the folder. @module */
import { closeSync, fstatSync, openSync, readdirSync, statSync, type BigIntStats } from 'node:fs';
import { dirname, join } from 'node:path';
import { idOf } from './identity.js';

export interface Neighbour {
  readonly path: string;
  readonly id: string;
  readonly changedMs: number;
}

/**
 * Opens the file that `path` named when it was listed.
 * @throws Error when it is gone
 */
export function openAgain(path: string, id: string): number {
  const candidates = [path, ...neighbours(dirname(path)).flatMap((file) => (file.id === id ? [file.path] : []))];
  for (const candidate of candidates) {
    const fd = openIfThere(candidate);
    if (fd === undefined) continue;
    if (idOf(fstatSync(fd, { bigint: true })) === id) return fd;
    closeSync(fd);
  }
  throw new Error(`${path}: was removed since the run began, and no file in its folder is the same. Start a new run for what is there now.`);
}

/** The regular files in a folder, the one written to the longest ago first. */
export function neighbours(folder: string): Neighbour[] {
  const files = (ifThere(() => readdirSync(folder)) ?? []).flatMap((name) => {
    const stats = statIfThere(join(folder, name));
    return stats?.isFile() ? [{ path: join(folder, name), id: idOf(stats), changedMs: Number(stats.mtimeMs) }] : [];
  });
  return files.sort((a, b) => a.changedMs - b.changedMs);
}

export function statIfThere(path: string): BigIntStats | undefined {
  return ifThere(() => statSync(path, { bigint: true }));
}

/** @throws Error other than that there is no such file */
export function openIfThere(path: string): number | undefined {
  return ifThere(() => openSync(path, 'r'));
}

function ifThere<T>(access: () => T): T | undefined {
  try {
    return access();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
