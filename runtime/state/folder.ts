/**
 * Folders that outlive a power cut: a file's name is durable only when its folder was synced
 * (fsync(2); Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014).
 *
 * @module
 */
import { dirname, join, resolve } from 'node:path';
import { files } from '../store.js';
import { codeOf } from './system-error.js';

/** What a task keeps, and what is received for a spout's task. */
export const taskFolder = (stateDir: string, component: string, task: number): string =>
  join(stateDir, 'tasks', `${component}-${task}`);

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string, store = files): Promise<void> {
  const handle = await store.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder and the missing ones above it, durably, readable by this user alone. */
export async function makeFolder(folder: string, store = files): Promise<void> {
  const path = resolve(folder);
  const above = dirname(path);
  let present = false;
  try {
    await store.mkdir(path, { mode: 0o700 });
  } catch (error) {
    // A file of that name is an error, a folder is what was wanted.
    present = codeOf(error) === 'EEXIST' && (await store.stat(path)).isDirectory();
    if (!present && (codeOf(error) !== 'ENOENT' || above === path)) throw error;
    // Not mkdir's own recursion: where nothing can be made (/proc) it never ends.
    if (!present) await makeFolder(above, store);
    if (!present) await store.mkdir(path, { mode: 0o700 }).catch(whenPresent);
  }
  // Also those that were there: whoever made them may have died before that was synced.
  await syncFolder(above, store).catch(present ? whenDenied : rethrow);
  await syncFolder(dirname(above), store).catch(whenDenied);
}

const rethrow = (error: unknown): never => {
  throw error;
};

/** It is nobody's here to make folders in, or to read. */
function whenDenied(error: unknown): void {
  if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM') throw error;
}

/** Somebody else made it meanwhile. */
function whenPresent(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error;
}
