/**
 * What a caller of the API must show: 32 random bytes in base64url, in a file that only this user may read. Who may read
 * it may do whatever the API can do; deleting the file makes nimbus make a new one at its next start.
 *
 * @module
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { dirname } from 'node:path';
import { createAtomically } from '../state/atomic-file.js';
import { makeFolder } from '../state/folder.js';
import { readPrivate } from '../state/private-file.js';

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The token in a file, made by whoever asks first. @throws Error when the file holds none or others may read it */
export async function tokenAt(path: string): Promise<string> {
  const known = await readTokenAt(path);
  if (known !== undefined) return known;
  await makeFolder(dirname(path));
  await createAtomically(path, `${randomBytes(32).toString('base64url')}\n`);
  return tokenAt(path);
}

/** The token in a file, `undefined` when there is none. @throws Error when the file holds none or others may read it */
export async function readTokenAt(path: string): Promise<string | undefined> {
  const token = (await readPrivate(path))?.toString().trim();
  if (token === undefined || TOKEN.test(token)) return token;
  throw new Error(`${path} holds no token. Delete it, and start the cluster again.`);
}

/** Whether both are the same, in a time that does not tell how much of them is. */
export const sameToken = (given: string, token: string): boolean =>
  timingSafeEqual(digest(given), digest(token));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
