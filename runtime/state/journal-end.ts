/** Where a journal of received lines ends: see `received.ts`. @module */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { journalKey, segmentName, segmentsIn } from './received.js';
import { SegmentFile } from './segment-file.js';

/** Where the last block ends. A last segment without a whole one is of no use, and its name is needed again. */
export function endOf(folder: string, key: Buffer): number {
  const last = segmentsIn(folder).at(-1);
  if (last === undefined) return 0;
  const file = new SegmentFile(folder, last, key);
  const bytes = file.bytes();
  file.close();
  if (bytes === 0) rmSync(join(folder, segmentName(last)));
  return last + bytes;
}

/**
 * Deletes what is left of a journal when all of it is done: the next run goes on behind what was committed. Only while
 * nobody writes to it.
 */
export async function forgetDone(folder: string, committed: number): Promise<void> {
  if (!existsSync(folder)) return;
  const { key } = await journalKey(folder);
  if (endOf(folder, key) > committed) return;
  for (const offset of segmentsIn(folder)) rmSync(join(folder, segmentName(offset)));
}
