/**
 * The key that a state folder's dead letters are sealed with: 32 random bytes that only this user may read.
 * Deleting the file makes all of them unreadable for good, and the next run makes a new one.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createAtomically } from './atomic-file.js';
import { makeFolder } from './folder.js';
import { whenMissing } from './system-error.js';

const KEY_BYTES = 32;

const keyFile = (stateDir: string): string => join(stateDir, 'dead-letters.key');

/** The key of a state folder, made by whoever asks first. @throws Error when the file is not a key or others may read it */
export async function deadLetterKey(stateDir: string): Promise<Buffer> {
  const known = await readKey(stateDir);
  if (known !== undefined) return known;
  await makeFolder(stateDir);
  await createAtomically(keyFile(stateDir), randomBytes(KEY_BYTES));
  return deadLetterKey(stateDir);
}

/** The key of a state folder, `undefined` when it has none. @throws Error when the file is not a key or others may read it */
export async function readKey(stateDir: string): Promise<Buffer | undefined> {
  const path = keyFile(stateDir);
  const handle = await open(path, 'r').catch(whenMissing(undefined));
  if (handle === undefined) return undefined;
  try {
    const { mode } = await handle.stat();
    if ((mode & 0o077) !== 0)
      throw new Error(
        `${path} is open to other users (mode ${octal(mode)}). Run: chmod 600 ${path}`,
      );
    const key = await handle.readFile();
    if (key.length !== KEY_BYTES)
      throw new Error(
        `${path} is no key: it has ${key.length} bytes, not ${KEY_BYTES}. Restore it, or delete it to give up the dead letters there are.`,
      );
    return key;
  } finally {
    await handle.close();
  }
}

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(3, '0');
