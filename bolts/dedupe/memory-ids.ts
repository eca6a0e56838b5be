/**
 * Ids in memory, in a ring of time buckets: a bucket that is older than the window is dropped as a whole.
 *
 * A bucket is a hash table of 16 bytes an id, at most three quarters full and doubled then: an id takes 21 to 43 bytes,
 * against some 100 in a Set of strings.
 *
 * @module
 */
import type { Ids } from './ids.js';

/** Whole buckets in a window: what is remembered too long is a fourth of it. */
const BUCKETS = 4;

export class MemoryIds implements Ids {
  readonly #bucketMs: number;
  readonly #now: () => number;
  /** Of the newest bucket, since 1970. */
  #number = -Infinity;
  /** The newest first; one more than the window has, as the newest is not full. */
  #buckets: Bucket[] = [];
  readonly #id = Buffer.alloc(16);
  readonly #words = new Int32Array(this.#id.buffer, this.#id.byteOffset, 4);

  /** @param now milliseconds since 1970 */
  constructor(windowMs: number, now: () => number) {
    this.#bucketMs = Math.ceil(windowMs / BUCKETS);
    this.#now = now;
  }

  has(id: string): boolean {
    this.#turn();
    this.#read(id);
    return this.#buckets.some((bucket) => bucket.has(this.#words));
  }

  add(id: string): void {
    this.#turn();
    this.#read(id);
    this.#buckets[0]!.add(this.#words);
  }

  /** Bytes that all tables take. */
  get bytes(): number {
    return this.#buckets.reduce((sum, bucket) => sum + bucket.bytes, 0);
  }

  #read(id: string): void {
    this.#id.write(id, 'base64url');
  }

  /** A clock that is set back makes buckets last longer. */
  #turn(): void {
    const number = Math.floor(this.#now() / this.#bucketMs);
    if (number <= this.#number) return;
    const passed = Math.min(number - this.#number, BUCKETS + 1);
    this.#number = number;
    const fresh = Array.from({ length: passed }, () => new Bucket());
    this.#buckets = [...fresh, ...this.#buckets].slice(0, BUCKETS + 1);
  }
}

const WORDS = 4;
const FIRST_SLOTS = 64;

/** Open addressing with linear probing. Four zeros are an empty slot: no id in 2^128 is that. */
class Bucket {
  #slots = new Int32Array(0);
  #count = 0;

  get bytes(): number {
    return this.#slots.byteLength;
  }

  has(id: Int32Array): boolean {
    return this.#count > 0 && !this.#isEmpty(this.#find(id));
  }

  add(id: Int32Array): void {
    if (4 * (this.#count + 1) > (3 * this.#slots.length) / WORDS) this.#grow();
    const at = this.#find(id);
    if (this.#isEmpty(at)) this.#count++;
    this.#slots.set(id, at);
  }

  #isEmpty(at: number): boolean {
    const slots = this.#slots;
    return (slots[at]! | slots[at + 1]! | slots[at + 2]! | slots[at + 3]!) === 0;
  }

  /** Where the id is, or where it would be. Ids are hashes, so their own first bits will do. */
  #find(id: Int32Array): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let at = (id[0]! * WORDS) & mask; ; at = (at + WORDS) & mask) {
      if (this.#isEmpty(at)) return at;
      if (
        slots[at] === id[0] &&
        slots[at + 1] === id[1] &&
        slots[at + 2] === id[2] &&
        slots[at + 3] === id[3]
      )
        return at;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(Math.max(2 * old.length, FIRST_SLOTS * WORDS));
    for (let at = 0; at < old.length; at += WORDS) {
      const id = old.subarray(at, at + WORDS);
      if ((id[0]! | id[1]! | id[2]! | id[3]!) !== 0) this.#slots.set(id, this.#find(id));
    }
  }
}
