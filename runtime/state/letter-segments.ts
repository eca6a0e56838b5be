/**
 * Where letters lie: each has a place, `<segment>.<record>`, for as long as it is there.
 *
 * @module
 */
import { join } from 'node:path';
import { files } from '../store.js';
import { decodeLetter, type DeadLetter } from './dead-letter.js';
import { readJournal } from './journal.js';
import { SegmentKey } from './segment.js';
import { whenMissing } from './system-error.js';

/** Of a segment's file. */
export const SUFFIX = '.dlq';

export const lettersFolder = (stateDir: string): string => join(stateDir, 'dead-letters');

/** The names of the files, in the order in which they are read. */
export async function segmentsOf(stateDir: string, store = files): Promise<string[]> {
  const names = await store.readdir(lettersFolder(stateDir)).catch(whenMissing([]));
  return names
    .filter((name) => name.endsWith(SUFFIX))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** @param file the segment's name */
const placeOf = (file: string, record: number): string =>
  `${file.slice(0, -SUFFIX.length)}.${record}`;

/** The other way round. */
export function partsOf(place: string): { readonly file: string; readonly record: number } {
  const dot = place.lastIndexOf('.');
  return { file: `${place.slice(0, dot)}${SUFFIX}`, record: Number(place.slice(dot + 1)) };
}

export interface KeptLetter {
  readonly place: string;
  /** What people call it: stays the same when it fails again in a replay. */
  readonly id: string;
  readonly letter: DeadLetter;
}

export interface SegmentRead {
  /** The name of the file. */
  readonly file: string;
  readonly letters: readonly KeptLetter[];
  /** Records that cannot be read. */
  readonly damaged: readonly string[];
  /** A writer was killed, or is at it: the end of the last record is missing. */
  readonly torn: boolean;
}

/** All of one segment, also while it is written. One that is gone is empty. */
export async function readSegment(
  stateDir: string,
  file: string,
  key: Buffer,
  store = files,
): Promise<SegmentRead> {
  const path = join(lettersFolder(stateDir), file);
  const { records, changed, cutBytes } = await readJournal(path, store);
  const opener = new SegmentKey(file, records[0] ?? Buffer.alloc(0), key, 'dead letters');
  const letters: KeptLetter[] = [];
  const damaged: string[] = [];
  for (let number = 1; number < records.length; number++) {
    const record = opener.unseal(records[number]!, number);
    if (record === undefined) damaged.push(`record ${number} of ${file}`);
    else if (record.length > 0) letters.push(kept(placeOf(file, number), decodeLetter(record)));
  }
  if (changed) damaged.push(`record ${records.length} of ${file} and what follows it`);
  return { file, letters, damaged, torn: cutBytes > 0 && !changed };
}

const kept = (place: string, letter: DeadLetter): KeptLetter => ({
  place,
  id: letter.id ?? place,
  letter,
});
