/**
 * Small files that are replaced as a whole: whoever reads one sees the old content or the new one, also
 * after a power cut. The content goes to a temporary file, which is synced and then renamed (or linked).
 *
 * A checked file ends in a line with the CRC-32 of what is before it, so that a flipped bit is noticed:
 *
 *     12
 *     #crc32:f8721e6f
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { files, type Store } from '../store.js';
import { syncFolder } from './folder.js';
import { codeOf } from './system-error.js';

/** Creates or replaces a file, readable by this user alone. Its folder must exist. */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  store = files,
): Promise<void> {
  await viaTemporary(path, content, store, (temporary) => store.rename(temporary, path));
}

/**
 * Creates a file, readable by this user alone; of several processes exactly one does. Like `O_EXCL`, but
 * nobody ever sees a part of it.
 *
 * @returns whether it was this call; false when there is such a file already
 */
export async function createAtomically(
  path: string,
  content: string | Uint8Array,
  store = files,
): Promise<boolean> {
  try {
    await viaTemporary(path, content, store, (temporary) => store.link(temporary, path));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

const TRAILER = /\n#crc32:([0-9a-f]{8})\n$/;

/** Appends the line that `readChecked` looks for. */
export const withChecksum = (text: string): string =>
  `${text}\n#crc32:${crc32(text).toString(16).padStart(8, '0')}\n`;

/** The text of a checked file. @throws Error when it is not what was written */
export async function readChecked(path: string, store = files): Promise<string> {
  const content = String(await store.readFile(path));
  const trailer = TRAILER.exec(content);
  const text = content.slice(0, trailer?.index);
  if (trailer === null || withChecksum(text) !== content)
    throw new Error(
      `${path} is damaged: its checksum does not match. Restore it, or delete it when nothing runs.`,
    );
  return text;
}

async function viaTemporary(
  path: string,
  content: string | Uint8Array,
  store: Store,
  name: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeSynced(temporary, content, store);
    await name(temporary);
  } finally {
    await store.rm(temporary, { force: true });
  }
  await syncFolder(dirname(path), store);
}

async function writeSynced(
  path: string,
  content: string | Uint8Array,
  store: Store,
): Promise<void> {
  const handle = await store.open(path, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
