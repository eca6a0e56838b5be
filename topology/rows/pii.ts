/**
 * A raw personal value, sealed.
 *
 * A class with private slots: no string passes for it and it passes for no string, and neither
 * `String()`, `JSON.stringify`, `util.inspect`, `structuredClone` nor `v8.serialize` shows what is in it.
 * Sealing costs nothing on the way of a row, because the sealed object is the slice of bytes itself.
 * Only the files that the layer rules name may open it (`reveal.ts`).
 *
 * @module
 */
import { Base, lastingBase } from './base.js';
import { stale } from './text.js';

/** Every kind of personal data that the catalogue knows. Adding one is a reviewed change. */
export type PiiKind =
  | 'ip'
  | 'user_agent'
  | 'user_id'
  | 'email'
  | 'url'
  | 'referer'
  | 'language'
  | 'location'
  | 'cookie'
  | 'free_text';

// The openers. `reveal.ts` and the row code of this folder use them; a layer rule keeps others out.
let piiBase: (pii: Pii) => Base | null;
let piiStart: (pii: Pii) => number;
let piiEnd: (pii: Pii) => number;
let piiValue: (pii: Pii) => unknown;
export { piiBase, piiStart, piiEnd, piiValue };

export class Pii<out K extends PiiKind = PiiKind> {
  readonly kind: K;
  readonly #base: Base | null;
  readonly #start: number;
  readonly #end: number;
  readonly #generation: number;
  readonly #value: unknown;

  /**
   * Bytes [start, end) of `base`; or, with no base, a value that is not text.
   * Made by rows, by the arena and by `seal`.
   */
  constructor(kind: K, base: Base | null, start: number, end: number, value?: unknown) {
    this.kind = kind;
    this.#base = base;
    this.#start = start;
    this.#end = end;
    this.#generation = base === null ? 0 : base.generation;
    this.#value = value;
  }

  toString(): string {
    return `[pii:${this.kind}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  static {
    piiBase = (pii) => {
      const base = pii.#base;
      if (base !== null && base.generation !== pii.#generation) stale();
      return base;
    };
    piiStart = (pii) => pii.#start;
    piiEnd = (pii) => pii.#end;
    piiValue = (pii) => pii.#value;
  }
}

/**
 * Seals a value that did not come sealed.
 *
 * @example
 * emit.requests({ ip: seal('ip', '192.0.2.1') });
 */
export function seal<K extends PiiKind>(
  kind: K,
  value: string | Uint8Array | number | boolean | readonly unknown[],
): Pii<K> {
  if (typeof value === 'string' || value instanceof Uint8Array) {
    const bytes = Buffer.from(value as string);
    return new Pii(kind, lastingBase(bytes), 0, bytes.length);
  }
  return new Pii(kind, null, 0, 0, value);
}
