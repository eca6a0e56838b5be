/**
 * The journal of a spout that receives, on disk:
 *
 *     <state>/tasks/<component>-0/journal/key              32 random bytes
 *     <state>/tasks/<component>-0/journal/<offset>.lines   a segment (`segment.ts`) of blocks
 *     block = time:f64le  offset:f64le  bytes
 *
 * It is one endless text of lines, each with its newline. A line's offset in it is its position, and a segment is called by the
 * offset of its first byte. One process appends, another reads and deletes the segments of which all is done;
 * they share nothing but these files.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { keyAt } from './key-file.js';

/** What positions in it are counted in: the only partition of such a spout. */
export const PARTITION = 'journal';

/** A block is sealed at this size; one of a single long datagram may be larger. */
export const BLOCK_BYTES = 64 * 1024;

export const NEWLINE = 0x0a;

export const journalFolder = (taskDir: string): string => join(taskDir, 'journal');

/** The key of a journal, made by whoever asks first, and a name for the journal that no other has. */
export async function journalKey(folder: string): Promise<{ key: Buffer; id: string }> {
  const key = await keyAt(join(folder, 'key'));
  return { key, id: createHash('sha256').update(key).digest('hex').slice(0, 16) };
}

/** Of a block. */
export const HEAD_BYTES = 16;

export function encodeHead(timeMs: number, offset: number): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeDoubleLE(timeMs, 0);
  head.writeDoubleLE(offset, 8);
  return head;
}

export interface Block {
  /** When it was sealed, in milliseconds since 1970. */
  readonly timeMs: number;
  /** Of its first byte, and of the one behind its last. */
  readonly offset: number;
  readonly end: number;
  readonly bytes: Buffer;
}

export function decodeBlock(record: Buffer): Block {
  const offset = record.readDoubleLE(8);
  const bytes = record.subarray(HEAD_BYTES);
  return { timeMs: record.readDoubleLE(0), offset, end: offset + bytes.length, bytes };
}

/** Names sort as their offsets do. */
export const segmentName = (offset: number): string => `${String(offset).padStart(16, '0')}.lines`;

/** The offsets of the segments there are, growing. */
export function segmentsIn(folder: string): number[] {
  return readdirSync(folder)
    .flatMap((name) => /^(\d{16})\.lines$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}
