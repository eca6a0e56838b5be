/** Growing memory that rows are written to one after another. @module */
import { viewOf } from '../../../topology/rows/base.js';

/** How full a block of rows gets before it is closed; Avro's usual 64 KiB. */
export const BLOCK_BYTES = 64 * 1024;

/** Doubled four times it holds a block and the row that closes it; a file with few rows needs little. */
const FIRST_BYTES = 5 * 1024;
const KEPT_BYTES_MAX = 32 * FIRST_BYTES;
/** As much as one group commit has blocks. */
const FREE_MAX = 64;

export class Output {
  bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  /** The same memory, for numbers and 4-byte copies. */
  view = viewOf(this.bytes);
  /** Where the next byte goes. A writer sets it when a whole row is written, so a row that fails leaves nothing. */
  at: number;
  readonly #head: number;
  /** Handed over by `take`. */
  readonly #taken = new WeakSet<object>();
  readonly #free: Buffer[] = [];

  /** @param head bytes left free in front, for what is known only at the end */
  constructor(head = 0) {
    this.#head = head;
    this.at = head;
  }

  /** Makes room for `size` bytes; returns `at`. */
  room(size: number): number {
    const needed = this.at + size;
    if (needed > this.bytes.length) this.#grow(needed);
    return this.at;
  }

  /** All that was written, with the head, and begins anew. The memory is handed over unless little of it is used. */
  take(): Buffer {
    const written = this.bytes.subarray(0, this.at);
    if (written.length < this.bytes.length / 2) {
      this.clear();
      return Buffer.from(written);
    }
    this.at = this.#head;
    this.#taken.add(this.bytes.buffer);
    this.#use(
      this.#free.pop() ?? Buffer.allocUnsafeSlow(Math.min(this.bytes.length, KEPT_BYTES_MAX)),
    );
    return written;
  }

  /**
   * What `take` returned, or a part of it, is needed no more: its memory is used again. New memory
   * for every block costs page faults and has V8 collect all of its heap several times a second.
   */
  giveBack({ buffer }: Buffer): void {
    if (!this.#taken.delete(buffer) || buffer.byteLength > KEPT_BYTES_MAX) return;
    if (this.#free.length < FREE_MAX) this.#free.push(Buffer.from(buffer));
  }

  /** Begins anew in the same memory, but for what one huge row took. */
  clear(): void {
    this.at = this.#head;
    if (this.bytes.length > KEPT_BYTES_MAX) this.#use(Buffer.allocUnsafeSlow(KEPT_BYTES_MAX));
  }

  #grow(needed: number): void {
    let size = this.bytes.length;
    while (size < needed) size *= 2;
    const grown = Buffer.allocUnsafeSlow(size);
    this.bytes.copy(grown, 0, 0, this.at);
    this.#use(grown);
  }

  #use(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }
}
