/**
 * The lines of bytes that come once and in order: decompressed ones, and standard input.
 *
 * Bytes are held back until their line is whole. What is held grows up to the longest line allowed;
 * of a line longer than that, the rest is only counted.
 *
 * @module
 */
import type { LineBatch } from '../../topology/dsl/line-batch.js';
import type { BatchPool } from './batch-pool.js';
import { addLines, addLong, NEWLINE } from './lines.js';

/** Where bytes come from. */
export interface Chunks {
  /**
   * The next bytes; 'idle' when there are none yet, 'end' behind the last.
   * @throws Error when they cannot be read
   */
  next(): Buffer | 'idle' | 'end';
  /** After 'end': why these are not all bytes. It becomes the reason of one last, rejected message. */
  readonly fault?: string | undefined;
  close(): void;
}

export interface StreamSource {
  readonly path: string;
  readonly source: string;
  readonly partition: string;
  /** The position of the first line that is not done. */
  readonly from: number;
  /** How many bytes come once more and are done. */
  readonly skip: number;
  readonly maxLineBytes: number;
}

export class StreamReader {
  readonly #chunks: Chunks;
  readonly #of: StreamSource;
  readonly #pool: BatchPool;
  #chunk: Buffer = NOTHING;
  #ended = false;
  #faultTold = false;
  #skip: number;
  /** The offset of the first byte held. */
  #at: number;
  #held: Buffer;
  #filled = 0;
  /** Bytes of an endless line that were dropped behind those held. */
  #dropped = 0;

  constructor(chunks: Chunks, of: StreamSource, pool: BatchPool) {
    this.#chunks = chunks;
    this.#of = of;
    this.#pool = pool;
    this.#skip = of.skip;
    this.#at = of.from;
    this.#held = Buffer.allocUnsafeSlow(pool.batchBytes);
  }

  /** The next lines; 'idle' when there are none yet. The pool must be ready. */
  next(): LineBatch | 'idle' | 'done' {
    this.#gather();
    const end = this.#held.subarray(0, this.#filled).indexOf(NEWLINE);
    if (end >= this.#pool.batchBytes) return this.#line(end, end + 1);
    if (end !== -1) return this.#lines();
    // Nothing but the newline of an endless line is left waiting.
    if (this.#chunk.length > 0) return this.#overlong();
    return this.#ended ? this.#last() : 'idle';
  }

  close(): void {
    this.#chunks.close();
  }

  #gather(): void {
    while (this.#pull()) {
      if (this.#filled === this.#held.length && !this.#makeRoom()) return;
      const copied = this.#chunk.copy(this.#held, this.#filled);
      this.#filled += copied;
      this.#chunk = this.#chunk.subarray(copied);
    }
  }

  /** Whether there are bytes to go on with. */
  #pull(): boolean {
    while (this.#chunk.length === 0) {
      const next = this.#ended ? 'end' : this.#chunks.next();
      if (typeof next === 'string') {
        this.#ended = next === 'end';
        return false;
      }
      const skipped = Math.min(this.#skip, next.length);
      this.#skip -= skipped;
      this.#chunk = next.subarray(skipped);
    }
    return true;
  }

  /** False when a line that is held must be taken first. */
  #makeRoom(): boolean {
    if (this.#held.includes(NEWLINE)) return false;
    if (this.#held.length > this.#of.maxLineBytes) return this.#drop();
    const held = Buffer.allocUnsafeSlow(Math.min(this.#held.length * 2, this.#of.maxLineBytes + 1));
    this.#held.copy(held);
    this.#held = held;
    return true;
  }

  /** Drops up to the newline. False when it was found: it is the first byte of the chunk. */
  #drop(): boolean {
    const newline = this.#chunk.indexOf(NEWLINE);
    const dropped = newline === -1 ? this.#chunk.length : newline;
    this.#dropped += dropped;
    this.#chunk = this.#chunk.subarray(dropped);
    return newline === -1;
  }

  #lines(): LineBatch {
    const batch = this.#begin(this.#pool.take());
    const length = this.#held.copy(batch.bytes, 0, 0, Math.min(this.#filled, batch.size));
    this.#forget(addLines(batch, length, this.#at, Infinity, this.#of.maxLineBytes));
    batch.end();
    return batch;
  }

  #overlong(): LineBatch {
    this.#chunk = this.#chunk.subarray(1);
    const length = this.#filled + this.#dropped;
    return this.#line(length, length + 1);
  }

  /** What stands before the end is a line, newline or not, unless the end came too soon. */
  #last(): LineBatch | 'done' {
    const length = this.#filled + this.#dropped;
    const { fault } = this.#chunks;
    if (fault === undefined) return length > 0 ? this.#line(length, length) : 'done';
    // Bytes left to skip: the message about the fault was done before.
    if (this.#faultTold || this.#skip > 0) return 'done';
    this.#faultTold = true;
    // One more than there are bytes: its position must differ from the line's before it.
    return this.#line(length, length + 1, fault);
  }

  /** The line of `length` bytes, of which the beginning is held, alone. */
  #line(length: number, next: number, rejected?: string): LineBatch {
    const { maxLineBytes } = this.#of;
    const wanted = Math.min(length, maxLineBytes + 1);
    const batch = this.#begin(this.#pool.enlarge(this.#pool.take(), wanted));
    this.#held.copy(batch.bytes, 0, 0, wanted);
    const position = this.#at + next;
    if (rejected === undefined) addLong(batch, wanted, length, this.#at, position, maxLineBytes);
    else batch.add(0, Math.min(length, maxLineBytes), this.#at, position, rejected);
    batch.end();
    this.#forget(Math.min(next, this.#filled));
    this.#dropped = 0;
    this.#at = position;
    return batch;
  }

  #forget(bytes: number): void {
    this.#held.copyWithin(0, bytes, this.#filled);
    this.#filled -= bytes;
    this.#at += bytes;
  }

  #begin(batch: LineBatch): LineBatch {
    batch.begin(this.#of.partition, this.#of.source, this.#of.path);
    return batch;
  }
}

const NOTHING = Buffer.alloc(0);
