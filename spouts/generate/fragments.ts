/** Prebuilt pieces of lines, to be copied. @module */
import { copyBytes } from '../../topology/rows/copy.js';
import { viewOf } from '../../topology/rows/base.js';

export class Fragments {
  readonly count: number;
  /** Of the longest, in bytes. */
  readonly longest: number;
  readonly #view: DataView;
  /** Fragment i is [starts[i], starts[i + 1]). */
  readonly #starts: Int32Array;

  constructor(texts: readonly string[]) {
    const bytes = Buffer.from(texts.join(''), 'latin1');
    this.count = texts.length;
    this.longest = Math.max(...texts.map(({ length }) => length));
    this.#view = viewOf(bytes);
    this.#starts = new Int32Array(texts.length + 1);
    for (const [i, { length }] of texts.entries()) this.#starts[i + 1] = this.#starts[i]! + length;
  }

  /** Writes fragment i at `at` and returns where it ends. */
  write(i: number, to: DataView, at: number): number {
    return copyBytes(to, at, this.#view, this.#starts[i]!, this.#starts[i + 1]!);
  }
}

/** Each text as often as its weight says, so that an even draw is a weighted one. */
export const weighted = (weights: { readonly [text: string]: number }): string[] =>
  Object.entries(weights).flatMap(([text, weight]) => Array.from({ length: weight }, () => text));
