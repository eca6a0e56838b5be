/**
 * Who has which keys, so that it outlives the run: `<state>/tasks/shares`, until the run has completed. What the
 * tasks of a bolt remember by key lies where this table says.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readChecked, withChecksum, writeAtomically } from './atomic-file.js';
import { makeFolder } from './folder.js';
import { whenMissing } from './system-error.js';

export interface KeptShare {
  /** How many tasks the plan gave it. Another number there means that the plan is to be followed again. */
  readonly planned: number;
  readonly tasks: number;
  /** The task of each key group; empty for a bolt whose rows come by no key. */
  readonly groups: readonly number[];
}

/** By component. */
export type KeptShares = { readonly [component: string]: KeptShare };

const folderIn = (stateDir: string): string => join(stateDir, 'tasks');
const pathIn = (stateDir: string): string => join(folderIn(stateDir), 'shares');

/** @throws Error when the file is not what was written */
export async function readShares(stateDir: string): Promise<KeptShares> {
  const path = pathIn(stateDir);
  const exists = await readFile(path).then(() => true, whenMissing(false));
  return exists ? (JSON.parse(await readChecked(path)) as KeptShares) : {};
}

export async function storeShares(stateDir: string, shares: KeptShares): Promise<void> {
  await makeFolder(folderIn(stateDir));
  await writeAtomically(pathIn(stateDir), withChecksum(JSON.stringify(shares)));
}
