/** What tells a state folder from every other, for good: `<state>/id`, made by its first run. @module */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { files } from '../store.js';
import { createAtomically } from './atomic-file.js';
import { whenMissing } from './system-error.js';

/** The id of a state folder. Not its path: on two machines that share a disk, two folders have the same. */
export async function stateId(stateDir: string, store = files): Promise<string> {
  const path = join(stateDir, 'id');
  const known = await store.readFile(path).catch(whenMissing(undefined));
  if (known !== undefined) return String(known);
  await createAtomically(path, randomBytes(8).toString('hex'), store);
  return stateId(stateDir, store);
}
