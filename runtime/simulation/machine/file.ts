/** A file of the simulated disk: what a process reads of it, and what a power cut leaves. @module */
import type { Chance } from './random.js';

/** Bytes that grow. */
class Bytes {
  #buffer = Buffer.alloc(0);
  length = 0;

  write(bytes: Uint8Array, at: number): void {
    const end = at + bytes.length;
    if (end > this.#buffer.length) {
      const grown = Buffer.alloc(Math.max(end, 2 * this.#buffer.length));
      grown.set(this.view);
      this.#buffer = grown;
    }
    // What was cut off does not come back between two writes.
    if (at > this.length) this.#buffer.fill(0, this.length, at);
    this.#buffer.set(bytes, at);
    this.length = Math.max(this.length, end);
  }

  truncate(length: number): void {
    this.length = Math.min(this.length, length);
  }

  get view(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }
}

type Change = { readonly at: number; readonly bytes: Buffer } | { readonly length: number };

export class FileNode {
  readonly mode: number;
  /** As processes see it. */
  #now = new Bytes();
  /** What is on the disk for sure. */
  readonly #durable = new Bytes();
  /** Since it was synced. */
  #unsynced: Change[] = [];

  constructor(mode: number) {
    this.mode = mode;
  }

  get bytes(): Buffer {
    return this.#now.view;
  }

  get dirty(): boolean {
    return this.#unsynced.length > 0;
  }

  write(bytes: Uint8Array, at: number): void {
    this.#change({ at, bytes: Buffer.from(bytes) });
  }

  truncate(length: number): void {
    this.#change({ length });
  }

  sync(): void {
    for (const change of this.#unsynced) apply(this.#durable, change);
    this.#unsynced = [];
  }

  /** As Linux has it: the pages count as clean, and yet are not on the disk. */
  failSync(): void {
    this.#unsynced = [];
  }

  /** Of what was not synced some is on the disk, some is not, of some a part, and of some only the length. */
  losePower(chance: Chance): void {
    for (const change of this.#unsynced) {
      if (chance.is(0.5)) continue;
      if ('length' in change || chance.is(0.4)) apply(this.#durable, change);
      else if (chance.is(0.3)) this.#durable.write(Buffer.alloc(change.bytes.length), change.at);
      else
        this.#durable.write(
          change.bytes.subarray(0, chance.int(0, change.bytes.length)),
          change.at,
        );
    }
    this.#unsynced = [];
    this.#now = new Bytes();
    this.#now.write(this.#durable.view, 0);
  }

  #change(change: Change): void {
    apply(this.#now, change);
    this.#unsynced.push(change);
  }
}

function apply(to: Bytes, change: Change): void {
  if ('length' in change) to.truncate(change.length);
  else to.write(change.bytes, change.at);
}
