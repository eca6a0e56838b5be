/**
 * Tells what a key of a JSON object is for.
 *
 * Writers put keys in the same order line after line, so the key that stood there in the line before is
 * tried first: 10 ns a key, where a string for a Map takes 90.
 *
 * @module
 */
import { stringEnd } from './json-scan.js';
import { standsAt } from './scan.js';

interface Key<F> {
  /** With its closing quote. */
  readonly bytes: Buffer;
  readonly found: F | undefined;
}

export class JsonKeys<F> {
  /** Where the key that was read last ends, behind its quote. */
  end = 0;
  readonly #fields: ReadonlyMap<string, F>;
  /** By place in the object. */
  readonly #expected: Key<F>[] = [];

  /** @param fields by key */
  constructor(fields: ReadonlyMap<string, F>) {
    this.#fields = fields;
  }

  /**
   * What key number `place` of its object is for, whose text begins at `at`. Undefined when nobody asked for it.
   *
   * @throws Rejected when it is no string
   */
  read(place: number, bytes: Buffer, view: DataView, at: number, end: number): F | undefined {
    const expected = this.#expected[place];
    if (expected !== undefined && standsAt(bytes, at, end, expected.bytes)) {
      this.end = at + expected.bytes.length;
      return expected.found;
    }
    this.end = stringEnd(bytes, view, at, end) + 1;
    return this.#learn(place, bytes.subarray(at, this.end));
  }

  #learn(place: number, key: Buffer): F | undefined {
    const found = this.#fields.get(JSON.parse(`"${key.utf8Slice(0, key.length)}`) as string);
    if (place < PLACES_MAX && key.length < KEY_BYTES_MAX) {
      this.#expected[place] = { bytes: Buffer.from(key), found };
    }
    return found;
  }
}

const PLACES_MAX = 256;
const KEY_BYTES_MAX = 256;
