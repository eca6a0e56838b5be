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
  try {
    await store.mkdir(path, { mode: 0o700 });
  } catch (error) {
    // A file of that name is an error, a folder is what was wanted.
    if (codeOf(error) === 'EEXIST' && (await store.stat(path)).isDirectory()) return;
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    // Not mkdir's own recursion: where nothing can be made (/proc) it never ends.
    await makeFolder(dirname(path), store);
    await store.mkdir(path, { mode: 0o700 }).catch(whenPresent);
  }
  await syncFolder(dirname(path), store);
}

/** Somebody else made it meanwhile. */
function whenPresent(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error;
}
