/** Finds a file again that was renamed: rotation keeps the inode and, as a rule, the folder. @module */
import { closeSync, fstatSync, openSync, readdirSync, statSync, type BigIntStats } from 'node:fs';
import { dirname, join } from 'node:path';
import { idOf } from './identity.js';

export interface Neighbour {
  readonly path: string;
  readonly id: string;
  readonly changedNs: bigint;
}

/**
 * Opens the file that `path` named when it was listed.
 * @throws Error when it is gone
 */
export function openAgain(path: string, id: string): number {
  const fd = openAs(path, id) ?? openRenamed(path, id);
  if (fd === undefined) {
    throw new Error(
      `${path}: was removed since the run began, and no file in its folder is the same. Start a new run for what is there now.`,
    );
  }
  return fd;
}

function openRenamed(path: string, id: string): number | undefined {
  const renamed = neighbours(dirname(path)).find((file) => file.id === id);
  return renamed && openAs(renamed.path, id);
}

/** Opens `path` if it is the file `id`. */
export function openAs(path: string, id: string): number | undefined {
  const fd = ifThere(() => openSync(path, 'r'));
  if (fd === undefined || idOf(fstatSync(fd, { bigint: true })) === id) return fd;
  closeSync(fd);
  return undefined;
}

/** The regular files in a folder, the one written to the longest ago first. */
export function neighbours(folder: string): Neighbour[] {
  const files = (ifThere(() => readdirSync(folder)) ?? []).flatMap((name) => {
    const stats = statIfThere(join(folder, name));
    return stats?.isFile()
      ? [{ path: join(folder, name), id: idOf(stats), changedNs: stats.mtimeNs }]
      : [];
  });
  return files.sort((a, b) => Number(a.changedNs - b.changedNs));
}

export function statIfThere(path: string): BigIntStats | undefined {
  return ifThere(() => statSync(path, { bigint: true }));
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
