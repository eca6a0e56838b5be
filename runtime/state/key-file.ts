/**
 * A key in a file of its own: 32 random bytes that only this user may read. Deleting the file makes all that was
 * sealed with it unreadable for good, and whoever asks next makes a new one.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { files } from '../store.js';
import { createAtomically } from './atomic-file.js';
import { makeFolder } from './folder.js';
import { readPrivate } from './private-file.js';

const KEY_BYTES = 32;

/** The key in a file, made by whoever asks first. @throws Error when the file is not a key or others may read it */
export async function keyAt(path: string, store = files): Promise<Buffer> {
  const known = await readKeyAt(path, store);
  if (known !== undefined) return known;
  await makeFolder(dirname(path), store);
  await createAtomically(path, randomBytes(KEY_BYTES), store);
  return keyAt(path, store);
}

/** The key in a file, `undefined` when there is none. @throws Error when the file is not a key or others may read it */
export async function readKeyAt(path: string, store = files): Promise<Buffer | undefined> {
  const key = await readPrivate(path, store);
  if (key !== undefined && key.length !== KEY_BYTES)
    throw new Error(
      `${path} is no key: it has ${key.length} bytes, not ${KEY_BYTES}. Restore it, or delete it to give up what was sealed with it.`,
    );
  return key;
}
