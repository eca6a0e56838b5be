/** Who changes the letters of a state folder: nobody else runs on it meanwhile. @module */
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { clearLeftovers } from '../coordinator/leftovers.js';
import { makeFolder } from '../state/folder.js';
import { lettersFolder } from '../state/letter-segments.js';
import { supersededPlaces } from '../state/read-letters.js';
import { noteRemoved, purge } from '../state/removed-letters.js';
import { replayedPlaces, replayFolder, selectionPath } from '../state/replayed.js';
import { acquire } from '../state/run-lock.js';
import { whenMissing } from '../state/system-error.js';

/**
 * Does something with the letters of a state folder as its owner, when what a killed owner left is settled.
 *
 * @throws StateInUse when a run, a replay or another command owns it
 */
export async function owningLetters<T>(stateDir: string, action: () => Promise<T>): Promise<T> {
  const lock = await acquire(stateDir);
  try {
    await clearLeftovers(stateDir);
    await makeFolder(replayFolder(stateDir));
    await clearLeftovers(replayFolder(stateDir));
    await rm(droppedFolder(stateDir), { recursive: true, force: true });
    await settle(stateDir);
    return await action();
  } finally {
    await lock.release();
  }
}

/**
 * Removes the letters that a replay is done with: the acked ones, and those for which a letter with a new reason stands.
 * What bolts of an unfinished replay keep stays; its next one goes on with it.
 */
export async function settle(stateDir: string): Promise<void> {
  const done = [...(await replayedPlaces(stateDir)), ...(await supersededPlaces(stateDir))];
  await noteRemoved(stateDir, done);
  await rm(selectionPath(stateDir), { force: true });
  await rm(join(replayFolder(stateDir), 'commits'), { recursive: true, force: true });
  await purge(stateDir);
}

const droppedFolder = (stateDir: string): string => `${lettersFolder(stateDir)}.dropped`;

/** Removes every letter, also those that cannot be read. Only the owner may. */
export async function dropAll(stateDir: string): Promise<void> {
  // By renaming: they are there or they are not.
  await rename(lettersFolder(stateDir), droppedFolder(stateDir)).catch(whenMissing(undefined));
  await rm(droppedFolder(stateDir), { recursive: true, force: true });
}
