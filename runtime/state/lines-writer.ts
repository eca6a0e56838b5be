/**
 * The writing end of a journal of received lines: see `received.ts`.
 *
 * Lines are gathered in a block, blocks in a group commit. Each start begins a new segment, so that what an
 * earlier life had written is never touched: its torn end is passed over by the reader.
 *
 * @module
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalWriter } from '../../topology/dsl/receiver.js';
import type { Clock } from '../clock.js';
import { GroupCommit } from '../worker/group-commit.js';
import { makeFolder } from './folder.js';
import { endOf } from './journal-end.js';
import {
  BLOCK_BYTES,
  encodeHead,
  journalKey,
  NEWLINE,
  segmentName,
  segmentsIn,
} from './received.js';
import { Segment } from './segment.js';
import { whenMissing } from './system-error.js';

export interface LinesWriterOptions {
  readonly folder: string;
  /** On disk and in memory, together. */
  readonly maxBytes: number;
  /** Where the reader has committed to: the journal goes on behind it, whatever its files say. */
  readonly committed: number;
  readonly clock: Clock;
  /** Waits out a full disk. */
  readonly durably: (action: () => Promise<void>) => Promise<void>;
  /** Writing failed for good. */
  readonly fatal: (error: unknown) => void;
}

/** What waits for the disk at most: a longer stall costs lines. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;
/** Room is given back by whole segments: an eighth of the journal at most. */
const SEGMENTS = 8;
const SEGMENT_BYTES_MAX = 16 * 1024 * 1024;

export class LinesWriter implements JournalWriter {
  readonly #options: LinesWriterOptions;
  readonly #key: Buffer;
  readonly #segmentBytes: number;
  readonly #group: GroupCommit;
  /** The last one is appended to; the ones before are full and not yet closed. */
  readonly #segments: Segment[] = [];
  #block = Buffer.allocUnsafe(BLOCK_BYTES);
  #filled = 0;
  /** Of the block's first byte. */
  #offset: number;
  /** What is on disk, as of the last write. */
  #stored: number;
  #waiting = 0;

  private constructor(options: LinesWriterOptions, key: Buffer, offset: number, stored: number) {
    this.#options = options;
    this.#key = key;
    this.#offset = offset;
    this.#stored = stored;
    this.#segmentBytes = Math.min(SEGMENT_BYTES_MAX, options.maxBytes / SEGMENTS);
    this.#group = new GroupCommit(options.clock, () => this.#write().catch(options.fatal));
  }

  static async open(options: LinesWriterOptions): Promise<LinesWriter> {
    const { folder, maxBytes, committed } = options;
    if (!Number.isInteger(maxBytes) || maxBytes < BLOCK_BYTES)
      throw new RangeError(
        `The journal's maxBytes is ${maxBytes}; give a whole number of at least ${BLOCK_BYTES}.`,
      );
    await makeFolder(folder);
    const { key } = await journalKey(folder);
    const end = Math.max(endOf(folder, key), committed);
    return new LinesWriter(options, key, end, await bytesIn(folder));
  }

  append(lines: Uint8Array): boolean {
    if (lines.length === 0) return true;
    const whole = lines[lines.length - 1] === NEWLINE;
    const bytes = whole ? lines.length : lines.length + 1;
    if (!this.#hasRoom(bytes)) return false;
    if (this.#filled + bytes > BLOCK_BYTES) this.#seal();
    if (bytes > this.#block.length) this.#block = Buffer.allocUnsafe(bytes);
    this.#block.set(lines, this.#filled);
    if (!whole) this.#block[this.#filled + lines.length] = NEWLINE;
    this.#filled += bytes;
    this.#waiting += bytes;
    this.#group.add(bytes);
    return true;
  }

  /** Bytes on disk and waiting for it. */
  get bytes(): number {
    return this.#stored + this.#waiting;
  }

  /** Stores what was appended, and closes. */
  async close(): Promise<void> {
    await this.#group.settled();
    await this.#segments.pop()?.close();
  }

  /** When there is none, the next group commit looks what the reader has deleted. */
  #hasRoom(bytes: number): boolean {
    const room = this.bytes + bytes <= this.#options.maxBytes;
    if (room && this.#waiting + bytes <= WAITING_BYTES_MAX) return true;
    if (this.#group.idle) this.#group.add(0);
    return false;
  }

  #seal(): void {
    if (this.#filled === 0) return;
    const head = encodeHead(this.#options.clock.now(), this.#offset);
    this.#segmentAtHand().append(head, this.#block.subarray(0, this.#filled));
    this.#offset += this.#filled;
    this.#filled = 0;
  }

  #segmentAtHand(): Segment {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.bytes < this.#segmentBytes) return last;
    const name = segmentName(this.#offset);
    const next = new Segment(this.#options.folder, name, this.#key, 'received lines');
    this.#segments.push(next);
    return next;
  }

  async #write(): Promise<void> {
    this.#seal();
    const written = this.#waiting;
    await this.#options.durably(() => this.#store());
    this.#waiting -= written;
    this.#stored = await bytesIn(this.#options.folder);
  }

  async #store(): Promise<void> {
    while (this.#segments.length > 1) {
      await this.#segments[0].close();
      this.#segments.shift();
    }
    await this.#segments[0]?.flush();
  }
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const offset of segmentsIn(folder)) {
    const found = await stat(join(folder, segmentName(offset))).catch(whenMissing(undefined));
    bytes += found?.size ?? 0;
  }
  return bytes;
}
