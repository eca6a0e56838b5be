/**
 * Where bolts put text that they compute, so that it needs no string: reserve, write, take.
 *
 * The runtime empties it between two messages. It never wraps or moves inside one: when it is full
 * it takes a new buffer, because an earlier text of the same row still points into the old one.
 *
 * @example
 * let at = arena.reserve(text.length);
 * const start = at;
 * for (…) arena.bytes[at++] = …;
 * return arena.take(start, at);
 *
 * @module
 */
import { Base } from './base.js';
import { Pii, type PiiKind } from './pii.js';
import { Text } from './text.js';

const SIZE = 64 * 1024;
/** 4-byte copies may run over the end by three bytes. */
const SLACK = 8;

class Arena {
  #base = newBase(SIZE);
  #used = 0;
  bytes = this.#base.bytes;
  view = this.#base.view;

  /** Makes room for `size` bytes and returns where they begin. What was reserved before and not taken is given up. */
  reserve(size: number): number {
    if (this.#used + size + SLACK > this.bytes.length) {
      this.#base = newBase(Math.max(SIZE, size + SLACK));
      this.bytes = this.#base.bytes;
      this.view = this.#base.view;
      this.#used = 0;
    }
    return this.#used;
  }

  /** The bytes [start, end) that were written after `reserve`, as a text. They must be valid UTF-8. */
  take(start: number, end: number): Text {
    this.#used = end;
    return new Text(this.#base, start, end);
  }

  /** As `take`, sealed. */
  seal<K extends PiiKind>(kind: K, start: number, end: number): Pii<K> {
    this.#used = end;
    return new Pii(kind, this.#base, start, end);
  }

  /** Called by the runtime between two messages: every text taken before is dead. */
  reset(): void {
    this.#used = 0;
    this.#base.generation++;
  }
}

function newBase(size: number): Base {
  return new Base(Buffer.allocUnsafeSlow(size), new Int32Array(0), new Float64Array(0));
}

/** One per process: processing is synchronous. */
export const arena = new Arena();
export type { Arena };
