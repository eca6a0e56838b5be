/**
 * Tells what a key of a JSON object is for.
 *
 * Writers put keys in the same order line after line, so the key that stood there in the line before is
 * tried first: 10 ns a key, where a string for a Map takes 90.
 *
 * @module
 */
import { standsAt } from './scan.js';

interface Key<F> {
  readonly bytes: Buffer;
  readonly found: F | undefined;
}

export class JsonKeys<F> {
  readonly #fields: ReadonlyMap<string, F>;
  /** By place in the object. */
  readonly #expected: Key<F>[] = [];

  /** @param fields by key */
  constructor(fields: ReadonlyMap<string, F>) {
    this.#fields = fields;
  }

  /** What key number `place` of its object is for, whose bytes are [start, end). Undefined when nobody asked for it. */
  find(place: number, bytes: Buffer, start: number, end: number): F | undefined {
    const expected = this.#expected[place];
    if (
      expected !== undefined &&
      expected.bytes.length === end - start &&
      standsAt(bytes, start, end, expected.bytes)
    ) {
      return expected.found;
    }
    return this.#learn(place, bytes, start, end);
  }

  #learn(place: number, bytes: Buffer, start: number, end: number): F | undefined {
    const found = this.#fields.get(JSON.parse(`"${bytes.utf8Slice(start, end)}"`) as string);
    if (place < PLACES_MAX && end - start < KEY_BYTES_MAX) {
      this.#expected[place] = { bytes: Buffer.from(bytes.subarray(start, end)), found };
    }
    return found;
  }
}

const PLACES_MAX = 256;
const KEY_BYTES_MAX = 256;
