/**
 * The reading end of a journal of received lines: see `received.ts`. A block is a batch.
 *
 * @module
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LineBatch } from '../../topology/dsl/line-batch.js';
import type { Batch, LineJournal, Positions, SpoutContext } from '../../topology/dsl/spout.js';
import type { Counter } from '../../topology/dsl/context.js';
import type { RawLine } from '../../topology/dsl/raw-line.js';
import type { Clock, Timer } from '../clock.js';
import {
  BLOCK_BYTES,
  journalFolder,
  journalKey,
  NEWLINE,
  PARTITION,
  segmentName,
  segmentsIn,
  type Block,
} from './received.js';
import { SegmentFile } from './segment-file.js';

/** 16 MiB: what a worker has in flight at most, of lines of 500 bytes. */
const BATCHES_MAX = 256;

/** Old lines are looked for so often while nobody asks for lines. */
const EXPIRE_MS = 1_000;

interface Options {
  readonly maxAgeMs: number;
  readonly clock: Clock;
}

type Context = Pick<
  SpoutContext,
  'component' | 'stateDir' | 'committed' | 'now' | 'warn' | 'counter' | 'wake'
>;

export class LinesReader implements LineJournal {
  readonly #context: Context;
  readonly #folder: string;
  readonly #key: Buffer;
  readonly #id: string;
  readonly #maxAgeMs: number;
  readonly #expired: Counter;
  readonly #damaged: Counter;
  readonly #free: LineBatch[] = [];
  readonly #out = new Set<object>();
  /** The segment that is read, and whether it was seen that a newer one is there. */
  #segment: { readonly offset: number; readonly file: SegmentFile } | undefined;
  #over = false;
  /** Was read, and is to be taken: valid until the next one is read. */
  #ahead: Block | undefined;
  #position: number;
  #timer: Timer;

  private constructor(
    context: Context,
    folder: string,
    key: Buffer,
    id: string,
    { maxAgeMs, clock }: Options,
  ) {
    this.#context = context;
    this.#folder = folder;
    this.#key = key;
    this.#id = id;
    this.#maxAgeMs = maxAgeMs;
    this.#position = context.committed.get(PARTITION) ?? 0;
    this.#expired = context.counter(
      'journal_expired_lines_total',
      'Received lines that were dropped because they had waited too long.',
    );
    this.#damaged = context.counter(
      'journal_damaged_bytes_total',
      'Bytes of received lines that could not be read again from the journal.',
    );
    const expire = (): Timer =>
      clock.setTimer(EXPIRE_MS, () => {
        this.#timer = expire();
        try {
          this.#fresh();
        } catch {
          // The next poll meets the same, and ends the run with it.
        }
      });
    this.#timer = expire();
  }

  static async open(context: Context, options: Options): Promise<LinesReader> {
    const { maxAgeMs } = options;
    if (!(maxAgeMs > 0))
      throw new RangeError(`The journal's maxAgeMs is ${maxAgeMs}; give milliseconds above 0.`);
    const folder = journalFolder(context.stateDir);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { key, id } = await journalKey(folder);
    return new LinesReader(context, folder, key, id, options);
  }

  poll(): LineBatch | 'idle' {
    const block = this.#out.size < BATCHES_MAX ? this.#fresh() : undefined;
    return block === undefined ? 'idle' : this.#batch(block, this.#take(block));
  }

  release(batch: Batch<RawLine>): void {
    const wasFull = this.#out.size === BATCHES_MAX;
    if (!this.#out.delete(batch) || !(batch instanceof LineBatch)) return;
    if (batch.size === BLOCK_BYTES) this.#free.push(batch);
    if (wasFull) this.#context.wake();
  }

  /** Deletes the segments of which all is done. The last one stays, as it is written to; see `forgetDone`. */
  committed(positions: Positions): void {
    this.#forget(positions.get(PARTITION) ?? 0);
  }

  close(): void {
    this.#timer.cancel();
    this.#leave();
  }

  #leave(): void {
    this.#segment?.file.close();
    this.#segment = undefined;
  }

  /** The next block that has not waited too long; those before it are dropped. */
  #fresh(): Block | undefined {
    for (;;) {
      const block = (this.#ahead ??= this.#nextBlock());
      if (block === undefined) return undefined;
      const known = block.end <= this.#position;
      if (!known && block.timeMs >= this.#context.now() - this.#maxAgeMs) return block;
      const from = this.#take(block);
      if (!known) this.#expire(block, from);
    }
  }

  /** Goes on behind the block; returns where in it begins what is new. */
  #take(block: Block): number {
    this.#ahead = undefined;
    if (block.offset > this.#position) this.#missing(block.offset - this.#position);
    const from = Math.max(0, this.#position - block.offset);
    this.#position = Math.max(this.#position, block.end);
    return from;
  }

  #nextBlock(): Block | undefined {
    for (;;) {
      const block = this.#segment?.file.next();
      if (block !== undefined) return block;
      const next = this.#newer();
      if (this.#segment?.file.replaced()) this.#open(this.#segment.offset);
      else if (next === undefined) return undefined;
      // Between the last look at it and the newer one's coming it may have grown.
      else if (this.#segment !== undefined && !this.#over) this.#over = true;
      else this.#open(next);
    }
  }

  /** The first segment to read, or the one behind the one at hand. */
  #newer(): number | undefined {
    const offsets = segmentsIn(this.#folder);
    if (this.#segment === undefined)
      return offsets.findLast((offset) => offset <= this.#position) ?? offsets[0];
    return offsets.find((offset) => offset > this.#segment!.offset);
  }

  #open(offset: number): void {
    // What was before the first one there is was done, or dropped, in an earlier life.
    if (this.#segment === undefined) this.#position = Math.max(this.#position, offset);
    this.#leave();
    this.#segment = { offset, file: new SegmentFile(this.#folder, offset, this.#key) };
    this.#over = false;
  }

  #batch(block: Block, from: number): LineBatch {
    const { bytes, offset } = block;
    const batch =
      bytes.length > BLOCK_BYTES
        ? new LineBatch(bytes.length)
        : (this.#free.pop() ?? new LineBatch(BLOCK_BYTES));
    batch.begin(PARTITION, this.#id, `journal of ${this.#context.component}`);
    batch.bytes.set(bytes);
    for (let start = from; start < bytes.length;) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline > start && bytes[newline - 1] === CARRIAGE_RETURN ? newline - 1 : newline;
      batch.add(start, end, offset + start, offset + newline + 1);
      start = newline + 1;
    }
    batch.end();
    this.#out.add(batch);
    return batch;
  }

  #expire({ bytes }: Block, from: number): void {
    this.#expired.add(linesIn(bytes.subarray(from)));
    this.#context.warn(
      `Received lines were dropped because they had waited over ${this.#maxAgeMs / 1000} s; journal_expired_lines_total counts them. Give it more workers, or a larger maxAgeMs.`,
    );
    // What lies before is older still. Without this a journal full of such lines would stay full.
    this.#forget(this.#position);
  }

  #missing(bytes: number): void {
    this.#damaged.add(bytes);
    this.#context.warn(
      'A part of the journal cannot be read: it was damaged on disk. journal_damaged_bytes_total counts what is lost.',
    );
  }

  #forget(position: number): void {
    const offsets = segmentsIn(this.#folder);
    for (let i = 0; i + 1 < offsets.length && offsets[i + 1] <= position; i++)
      rmSync(join(this.#folder, segmentName(offsets[i])), { force: true });
  }
}

const CARRIAGE_RETURN = 0x0d;

function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}
