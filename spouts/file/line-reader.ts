/**
 * The lines of a plain file that begin in a range of it, by positioned reads.
 *
 * A range owns the lines that start in it (Hadoop's rule for input splits): a reader looks for its
 * first newline, unless it begins where a line does, and reads beyond its end to finish its last
 * line. The bytes of a line that does not fit behind others are read once more at the head of the
 * next batch, so nothing is copied from batch to batch.
 *
 * @module
 */
import type { LineBatch } from '../../topology/dsl/line-batch.js';
import type { BatchPool } from './batch-pool.js';
import { addLines, addLong, NEWLINE } from './lines.js';
import { readAt, type OpenFile } from './read-at.js';
import { isCut, type Range } from './ranges.js';

/** A file as it is read: all its batches are of one partition. */
export interface LineSource extends OpenFile {
  /** `source` of its rows. */
  readonly source: string;
  readonly partition: string;
}

export interface LineReaderOptions {
  readonly maxLineBytes: number;
  /** How much of the file may be read. */
  readonly limit: number;
  /** Whether what stands before `limit` is a line without a newline, too. */
  readonly whole: boolean;
}

export class LineReader {
  /** Grows as the file does. Shrinks to where the file turned out to end. */
  limit: number;
  whole: boolean;
  readonly #from: LineSource;
  readonly #pool: BatchPool;
  readonly #end: number;
  readonly #maxLineBytes: number;
  #at: number;
  /** Between two newlines: `#at` must move on to where a line begins. */
  #astray: boolean;
  /** No newline lies in [#at, #searched). */
  #searched: number;

  constructor(
    from: LineSource,
    range: Range,
    { maxLineBytes, limit, whole }: LineReaderOptions,
    pool: BatchPool,
  ) {
    this.limit = limit;
    this.whole = whole;
    this.#from = from;
    this.#pool = pool;
    this.#end = range.end;
    this.#maxLineBytes = maxLineBytes;
    this.#astray = isCut(range);
    // A newline just before the cut makes the cut itself the beginning of a line.
    this.#at = this.#searched = this.#astray ? range.from - 1 : range.from;
  }

  /** The offset of the next line. */
  get position(): number {
    return this.#at;
  }

  /** Whether the range is read to its end; a range without an end never is. */
  get finished(): boolean {
    return this.#at >= this.#end;
  }

  /**
   * The next lines; undefined when no whole line is left before the end of the range or `limit`.
   * The pool must be ready.
   *
   * @throws Error that names file and offset when the file cannot be read
   */
  next(): LineBatch | undefined {
    if (this.#starved()) return undefined;
    const batch = this.#pool.take();
    const full =
      (!this.#astray || this.#findLine(batch)) && (this.#lines(batch) ?? this.#longLine(batch));
    if (full) return full;
    this.#pool.give(batch);
    return undefined;
  }

  #starved(): boolean {
    return this.finished || this.#at >= this.limit || (!this.whole && this.#searched >= this.limit);
  }

  #lines(batch: LineBatch): LineBatch | undefined {
    const length = this.#read(batch.bytes, batch.size, this.#at);
    this.#begin(batch);
    const used = addLines(batch, length, this.#at, this.#end, this.#maxLineBytes);
    if (batch.count === 0) this.#searched = Math.max(this.#searched, this.#at + length);
    this.#at += used;
    batch.end();
    return batch.count > 0 ? batch : undefined;
  }

  /** A line that fills a batch without an end, or the file's last one without a newline. */
  #longLine(scratch: LineBatch): LineBatch | undefined {
    const end = this.#lineEnd(scratch.bytes, scratch.size);
    if (end === -1) return undefined;
    const length = end - this.#at;
    // One byte more than the longest line: the 0x0D that does not count.
    const wanted = Math.min(length, this.#maxLineBytes + 1);
    const batch = this.#pool.enlarge(scratch, wanted);
    this.#read(batch.bytes, wanted, this.#at);
    this.#begin(batch);
    const position = Math.min(end + 1, this.limit);
    addLong(batch, wanted, length, this.#at, position, this.#maxLineBytes);
    this.#at = this.#searched = position;
    batch.end();
    return batch;
  }

  #findLine(scratch: LineBatch): boolean {
    const end = this.#lineEnd(scratch.bytes, scratch.size);
    if (end === -1) return false;
    this.#at = this.#searched = Math.min(end + 1, this.limit);
    this.#astray = false;
    return !this.#starved();
  }

  /** Where the line at `#at` ends; -1 when that is not known yet. */
  #lineEnd(scratch: Buffer, size: number): number {
    while (this.#searched < this.limit) {
      const length = this.#read(scratch, size, this.#searched);
      const newline = scratch.subarray(0, length).indexOf(NEWLINE);
      if (newline !== -1) return this.#searched + newline;
      this.#searched += length;
    }
    return this.whole && this.#at < this.limit ? this.limit : -1;
  }

  /** Reads up to `size` bytes at `offset`; fewer only at `limit`, which moves when the file has become shorter. */
  #read(bytes: Buffer, size: number, offset: number): number {
    const wanted = Math.min(size, this.limit - offset);
    const length = readAt(this.#from, bytes, wanted, offset);
    if (length < wanted) this.limit = offset + length;
    return length;
  }

  #begin(batch: LineBatch): void {
    batch.begin(this.#from.partition, this.#from.source, this.#from.path);
  }
}
