/**
 * Removes letters for good, whole or not at all, whatever is killed meanwhile.
 *
 *     <state>/dead-letters/removed    JSON [place, …], replaced as a whole
 *
 * First their places are noted: from then on nobody reads them. Then the segments are written again, each
 * with an empty record in the place of what was removed, so that places stay; one without letters is deleted. Then the note goes.
 *
 * @module
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from './atomic-file.js';
import { readKey } from './dead-letter-key.js';
import { makeFolder, syncFolder } from './folder.js';
import { frame, scan, type Scanned } from './journal.js';
import { lettersFolder, partsOf } from './letter-segments.js';
import { replayedPlaces } from './replayed.js';
import { SEAL_BYTES, SegmentKey } from './segment.js';
import { whenMissing } from './system-error.js';

/** Places at which there is no letter any more, though there may be bytes. */
export async function removedPlaces(stateDir: string): Promise<ReadonlySet<string>> {
  return new Set([...(await replayedPlaces(stateDir)), ...(await notedPlaces(stateDir))]);
}

/**
 * Removes the letters at these places: when it resolves, they are gone from the disk. Only the owner of the state folder may.
 * When it throws, they are removed or they are not, all of them; `purge` does the rest.
 */
export async function removeLetters(stateDir: string, places: readonly string[]): Promise<void> {
  await noteRemoved(stateDir, places);
  await purge(stateDir);
}

/** Has nobody read these letters any more. */
export async function noteRemoved(stateDir: string, places: readonly string[]): Promise<void> {
  if (places.length === 0) return;
  const all = [...(await notedPlaces(stateDir)), ...places];
  await makeFolder(lettersFolder(stateDir));
  await writeAtomically(notePath(stateDir), JSON.stringify(all));
}

/** Takes what was noted off the disk. */
export async function purge(stateDir: string): Promise<void> {
  const places = await notedPlaces(stateDir);
  const key = await readKey(stateDir);
  // Without its key a segment cannot be written; nor can it be read.
  if (places.length === 0 || key === undefined) return;
  for (const [file, records] of byFile(places))
    await rewrite(lettersFolder(stateDir), file, records, key);
  await syncFolder(lettersFolder(stateDir));
  await rm(notePath(stateDir), { force: true });
}

const notePath = (stateDir: string): string => join(lettersFolder(stateDir), 'removed');

async function notedPlaces(stateDir: string): Promise<string[]> {
  const text = await readFile(notePath(stateDir), 'utf8').catch(whenMissing('[]'));
  return JSON.parse(text);
}

function byFile(places: readonly string[]): Map<string, Set<number>> {
  const files = new Map<string, Set<number>>();
  for (const { file, record } of places.map(partsOf))
    files.set(file, (files.get(file) ?? new Set()).add(record));
  return files;
}

async function rewrite(
  folder: string,
  file: string,
  removed: ReadonlySet<number>,
  key: Buffer,
): Promise<void> {
  const path = join(folder, file);
  const bytes = await readFile(path).catch(whenMissing(undefined));
  if (bytes === undefined) return;
  const scanned = scan(bytes);
  const left = scanned.records.filter(
    (record, number) => number > 0 && !removed.has(number) && record.length > SEAL_BYTES,
  );
  // What was changed after it was written stays: someone may know why.
  if (left.length === 0 && !scanned.changed) await rm(path);
  else await writeAtomically(path, without(removed, scanned, file, key, bytes));
}

function without(
  removed: ReadonlySet<number>,
  { records, endBytes }: Scanned,
  file: string,
  key: Buffer,
  bytes: Buffer,
): Buffer {
  const sealer = new SegmentKey(file, records[0]!, key, 'dead letters');
  const framed = records.map((record, number) =>
    frame(removed.has(number) ? sealer.removed(number) : record),
  );
  return Buffer.concat([...framed, bytes.subarray(endBytes)]);
}
