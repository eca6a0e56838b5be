/**
 * Folders whose entries outlive a power cut: a file's name is durable only when its folder was
 * synced (fsync(2); Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014).
 *
 * @module
 */
import { access, constants, mkdir, open, readdir, rmdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Makes the entries of a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes a folder and the missing ones above it, durably.
 *
 * @param tries how often more: another sink may remove what was made above, as long as it is empty
 */
export async function makeFolder(folder: string, tries = 3): Promise<void> {
  const path = resolve(folder);
  const above = dirname(path);
  let present = false;
  try {
    await mkdir(path);
  } catch (error) {
    // A file of that name is an error, a folder is what was wanted.
    present = codeOf(error) === 'EEXIST' && (await stat(path)).isDirectory();
    // Not mkdir's own recursion: where nothing can be made (/proc) it never ends.
    if (!present && (codeOf(error) !== 'ENOENT' || above === path || tries === 0)) throw error;
    if (!present) await makeFolder(above);
    if (!present) return makeFolder(path, tries - 1);
  }
  // Also those that were there: whoever made them may have died before that was synced.
  await syncFolder(above).catch(present ? whenDenied : rethrow);
  await syncFolder(dirname(above)).catch(whenDenied);
}

const rethrow = (error: unknown): never => {
  throw error;
};

/** It is nobody's here to make folders in, or to read. */
function whenDenied(error: unknown): void {
  if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM') throw error;
}

/**
 * Makes a folder for a sink's files, or finds out that it is not possible.
 *
 * @param dir what the user gave: named by the error
 * @param folder the folder to make, in or below `dir`
 * @throws Error that says what to do
 */
export async function openFolder(dir: string, folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
  } catch (error) {
    throw nameless(
      error,
      (code) =>
        `The folder ${dir} cannot be written (${code}). Make it a folder that this user may write, or choose another dir for the sink.`,
    );
  }
}

/**
 * A system error told by its code, e.g. ENOSPC: the message of the error itself quotes a path, and
 * in paths there are values of rows. Other errors stay as they are.
 */
export function nameless(error: unknown, message: (code: string) => string): unknown {
  const code = codeOf(error);
  // With its code, by which the runtime knows a full disk.
  return code === undefined ? error : Object.assign(new Error(message(code)), { code });
}

/** The code of a system error. */
export const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;

/** The names in a folder; none when it is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Removes the empty folders above `path`, up to `top` and without it. */
export async function removeEmptyAbove(path: string, top: string): Promise<void> {
  for (let at = dirname(path); at !== top; at = dirname(at)) {
    if (!(await removeEmpty(at))) return;
  }
}

/** Removes a folder if nothing is in it; whether it did. */
const removeEmpty = (folder: string): Promise<boolean> =>
  rmdir(folder).then(
    () => true,
    () => false,
  );
