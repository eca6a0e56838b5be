/** Reads the letters of a state folder, also while they are written, removed or replayed. @module */
import type { DeadLetter } from './dead-letter.js';
import { readKey } from './dead-letter-key.js';
import { readSegment, segmentsOf, type KeptLetter, type SegmentRead } from './letter-segments.js';
import { removedPlaces } from './removed-letters.js';

/** Some letters could not be read. */
export class DeadLettersDamaged extends Error {
  override readonly name = 'DeadLettersDamaged';
}

/** What a replay wrote of a letter stands for what was there of it before. */
export const REPLAY_WRITER = 'replay';

/**
 * Reads segment by segment. What a killed writer had not flushed is no letter.
 *
 * @throws DeadLettersDamaged when there are letters but no key
 */
export async function* readSegments(
  stateDir: string,
): AsyncGenerator<SegmentRead, void, undefined> {
  const files = await segmentsOf(stateDir);
  if (files.length === 0) return;
  const key = await keyOf(stateDir);
  const removed = await removedPlaces(stateDir);
  const newest = await newestPlaces(stateDir, files, key);
  const stands = ({ place, id }: KeptLetter): boolean =>
    !removed.has(place) && (newest.get(id) ?? place) === place;
  for (const file of files) {
    const read = await readSegment(stateDir, file, key);
    yield { ...read, letters: read.letters.filter(stands) };
  }
}

/**
 * Reads every letter, in the order of segments.
 *
 * @throws DeadLettersDamaged at the end, when all that can be read was read: names the segment and record that cannot
 */
export async function* readDeadLetters(
  stateDir: string,
): AsyncGenerator<DeadLetter, void, undefined> {
  const damaged: string[] = [];
  for await (const segment of readSegments(stateDir)) {
    for (const { letter } of segment.letters) yield letter;
    damaged.push(...segment.damaged);
  }
  if (damaged.length > 0) throw new DeadLettersDamaged(cannotBeRead(damaged));
}

/** The places of letters for which a later one stands, of the same id. */
export async function supersededPlaces(stateDir: string): Promise<string[]> {
  const files = await segmentsOf(stateDir);
  const key = await readKey(stateDir);
  if (key === undefined) return [];
  const newest = await newestPlaces(stateDir, files, key);
  if (newest.size === 0) return [];
  const superseded = [...newest].flatMap(([id, place]) => (id === place ? [] : [id]));
  for (const file of files.filter(isReplays))
    for (const { id, place } of (await readSegment(stateDir, file, key)).letters)
      if (newest.get(id) !== place) superseded.push(place);
  return superseded;
}

export const cannotBeRead = (damaged: readonly string[]): string =>
  `Dead letters cannot be read: ${damaged[0]}${damaged.length > 1 ? ` and ${damaged.length - 1} more` : ''}. ` +
  'They were changed after they were written, or dead-letters.key is not the one they were sealed with.';

async function keyOf(stateDir: string): Promise<Buffer> {
  const key = await readKey(stateDir);
  if (key !== undefined) return key;
  throw new DeadLettersDamaged(
    `${stateDir} has dead letters but no dead-letters.key; they cannot be read without it.`,
  );
}

const isReplays = (file: string): boolean => file.startsWith(`${REPLAY_WRITER}-`);

/**
 * By id, of the letters that failed again in a replay. Of two the one that was replayed more often: what a replay gave up
 * may lie in a segment before the one that it was taken from. When a replay was killed two may be alike; any will do.
 */
async function newestPlaces(
  stateDir: string,
  files: readonly string[],
  key: Buffer,
): Promise<Map<string, string>> {
  const newest = new Map<string, { readonly place: string; readonly replays: number }>();
  for (const file of files.filter(isReplays))
    for (const { id, place, letter } of (await readSegment(stateDir, file, key)).letters) {
      const { replays = 0 } = letter;
      if (replays >= (newest.get(id)?.replays ?? 0)) newest.set(id, { place, replays });
    }
  return new Map([...newest].map(([id, { place }]) => [id, place]));
}
