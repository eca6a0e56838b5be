/**
 * Takes frames off a stream of bytes. The reader writes into `room()`; whole frames are handled
 * where they lie, so nothing is copied but the part of a frame at the end.
 *
 * @module
 */
import { Slab } from '../../topology/rows/image.js';
import type { Failure } from '../ledger/failure.js';
import { ACK_BYTES, ACKS, FRAME_BYTES_MAX, FRAME_HEAD, MARK, ROWS } from './frame.js';

export interface Receiver {
  /** A row at [at, end) of `slab`, with its head. It must be read before this returns. */
  row(slab: Slab, at: number, end: number): void;
  ack(slot: number, generation: number, high: number, low: number): void;
  fail(slot: number, generation: number, failure: Failure): void;
  /** The peer sends nothing more that was to come before a move. */
  mark(move: number): void;
}

export class Inbox {
  readonly #receiver: Receiver;
  #slab = new Slab(SIZE);
  #have = 0;

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
  }

  /** Where the next bytes go. */
  room(): Buffer {
    return this.#slab.bytes.subarray(this.#have);
  }

  /** `count` bytes were written into `room()`. @throws Error when they are no frames */
  received(count: number): void {
    this.#have += count;
    let at = 0;
    while (this.#have - at >= FRAME_HEAD) {
      const length = this.#slab.ints[at >> 2]!;
      if (length < FRAME_HEAD || length > FRAME_BYTES_MAX || (length & 7) !== 0)
        throw new Error('A peer sent what is no frame.');
      if (this.#have - at < length) break;
      this.#frame(at, at + length);
      at += length;
    }
    this.#carry(at);
  }

  #frame(start: number, end: number): void {
    const { ints, bytes } = this.#slab;
    const kind = ints[(start >> 2) + 1];
    let at = start + FRAME_HEAD;
    if (kind === ROWS) {
      for (; at < end; at += ints[at >> 2]!)
        this.#receiver.row(this.#slab, at, at + ints[at >> 2]!);
    } else if (kind === ACKS) {
      for (; at < end; at += ACK_BYTES) {
        const i = at >> 2;
        this.#receiver.ack(ints[i]!, ints[i + 1]!, ints[i + 2]!, ints[i + 3]!);
      }
    } else if (kind === MARK) this.#receiver.mark(ints[at >> 2]!);
    else {
      const { slot, generation, failure } = JSON.parse(bytes.utf8Slice(at, end));
      this.#receiver.fail(slot, generation, failure);
    }
  }

  /** Moves what is left to the front, into a larger slab when the frame begun needs one. */
  #carry(at: number): void {
    const left = this.#have - at;
    const needed = left >= 4 ? this.#slab.ints[at >> 2]! : 0;
    const from = this.#slab;
    if (needed > from.bytes.length) this.#slab = new Slab(needed);
    else if (needed <= SIZE && from.bytes.length > SIZE) this.#slab = new Slab(SIZE);
    if (left > 0 && (at > 0 || from !== this.#slab))
      from.bytes.copy(this.#slab.bytes, 0, at, this.#have);
    this.#have = left;
  }
}

const SIZE = 256 * 1024;
