/**
 * A text value that nobody decoded: `row.$host`. It costs no string until `toString()`, and an
 * emitted `Text` travels as bytes. It lives as long as its row.
 *
 * @example
 * if (row.$method.length > 16) emit.odd(row); // no string was made
 *
 * @module
 */
import { Base } from './base.js';
import { RowError } from './row-error.js';

// Handed out by the class below: the span of a Text without an allocation. `textBase` throws RowError when the row is dead.
let textBase: (text: Text) => Base;
let textStart: (text: Text) => number;
let textEnd: (text: Text) => number;
export { textBase, textStart, textEnd };

export class Text {
  readonly #base: Base;
  readonly #start: number;
  readonly #end: number;
  readonly #generation: number;

  /** Bytes [start, end) of `base`, absolute. Made by rows and by the arena. */
  constructor(base: Base, start: number, end: number) {
    this.#base = base;
    this.#start = start;
    this.#end = end;
    this.#generation = base.generation;
  }

  /** In bytes, not characters. */
  get length(): number {
    return this.#end - this.#start;
  }

  toString(): string {
    return textBase(this).bytes.utf8Slice(this.#start, this.#end);
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  static {
    textBase = (text) => {
      if (text.#base.generation !== text.#generation) stale();
      return text.#base;
    };
    textStart = (text) => text.#start;
    textEnd = (text) => text.#end;
  }
}

export function stale(): never {
  throw new RowError(
    'A row was used after process() had returned. Call row.keep() for what you hold on to, or declare keeps: true.',
  );
}
