/**
 * Folders that outlive a power cut: a file's name is durable only when its folder was synced
 * (fsync(2); Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014).
 *
 * @module
 */
import { mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder and the missing ones above it, durably, readable by this user alone. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const top = dirname(resolve(first));
  let at = resolve(folder);
  do {
    at = dirname(at);
    await syncFolder(at);
  } while (at !== top);
}
