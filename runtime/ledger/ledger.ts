/**
 * Who is still pending: Storm's acker, kept where the messages come from.
 *
 * A root is a slot in typed arrays plus a generation that refuses late acks. Its value is the XOR of
 * the random ids of all edges that are open; it is done when that is zero. A worker combines all
 * acks of one visit into one call. Against a Map of ids this is 5-17 times faster (0.07 µs a root),
 * and against a ring no old root holds up the others. Roots lie in a list in the order in which they
 * were opened, so that timeouts cost no more than what they expire.
 *
 * @module
 */
import { randomFillSync } from 'node:crypto';
import type { Failure } from './failure.js';
import type { Identity } from './identity.js';

/** Is told how its roots ended. */
export interface Settler {
  /** @param index what was given to `open`, with `message` */
  settled(message: unknown, index: number, failure: Failure | null, openedAtMs: number): void;
  /** Which message it is, in words that outlive this process; nothing where that is not known. */
  identify?(message: unknown, index: number): Identity;
}

interface Root {
  readonly generation: number;
  readonly owner: Settler;
  readonly message: unknown;
  readonly index: number;
}

export class Ledger {
  readonly capacity: number;
  readonly #high: Int32Array;
  readonly #low: Int32Array;
  readonly #generation: Int32Array;
  readonly #live: Uint8Array;
  readonly #remote: Uint8Array;
  readonly #openedAtMs: Float64Array;
  readonly #index: Int32Array;
  readonly #message: unknown[];
  readonly #owner: (Settler | null)[];
  /** Free slots, as a stack. */
  readonly #free: Int32Array;
  #top: number;
  /** The list in opening order; slot `capacity` is its head and its end. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;

  /** Roots that `failSentAway` ended: the worker that is gone may have been at one of them. */
  readonly #lost = new Map<number, Root>();

  /** The random value that the last `open` began its root with: the edge of the message itself. */
  high = 0;
  low = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#high = new Int32Array(capacity);
    this.#low = new Int32Array(capacity);
    // A new life of a worker begins elsewhere, so that acks meant for the one before are refused.
    this.#generation = randomFillSync(new Int32Array(capacity));
    this.#live = new Uint8Array(capacity);
    this.#remote = new Uint8Array(capacity);
    this.#openedAtMs = new Float64Array(capacity);
    this.#index = new Int32Array(capacity);
    this.#message = new Array<unknown>(capacity).fill(null);
    this.#owner = new Array<Settler | null>(capacity).fill(null);
    this.#free = new Int32Array(capacity);
    for (let i = 0; i < capacity; i++) this.#free[i] = capacity - 1 - i;
    this.#top = capacity;
    this.#next = new Int32Array(capacity + 1);
    this.#previous = new Int32Array(capacity + 1);
    this.#next[capacity] = this.#previous[capacity] = capacity;
  }

  get pending(): number {
    return this.capacity - this.#top;
  }

  /** Opens a root and returns its slot; -1 when all are taken. Then `high` and `low` are the first edge. */
  open(owner: Settler, message: unknown, index: number, nowMs: number): number {
    if (this.#top === 0) return -1;
    const slot = this.#free[--this.#top]!;
    this.high = this.#high[slot] = random32();
    this.low = this.#low[slot] = random32();
    this.#live[slot] = 1;
    this.#remote[slot] = 0;
    this.#openedAtMs[slot] = nowMs;
    this.#index[slot] = index;
    this.#message[slot] = message;
    this.#owner[slot] = owner;
    const end = this.capacity;
    const last = this.#previous[end]!;
    this.#next[last] = slot;
    this.#previous[slot] = last;
    this.#next[slot] = end;
    this.#previous[end] = slot;
    return slot;
  }

  generation(slot: number): number {
    return this.#generation[slot]!;
  }

  /** Takes edges that were opened and those that are done, all XORed into one. A late ack changes nothing. */
  ack(slot: number, generation: number, high: number, low: number): void {
    if (!this.#current(slot, generation)) return;
    const left = (this.#high[slot]! ^= high) | (this.#low[slot]! ^= low);
    if (left === 0) this.#settle(slot, null);
  }

  fail(slot: number, generation: number, failure: Failure): void {
    if (this.#current(slot, generation)) this.#settle(slot, failure);
  }

  /** A row of this root went to another worker. */
  sentAway(slot: number, generation: number): void {
    if (this.#current(slot, generation)) this.#remote[slot] = 1;
  }

  /** A worker is gone: fails every root of which a row left this worker, as any of them may have been there. */
  failSentAway(failure: Failure): void {
    // One that ends may end others with it.
    for (const slot of this.#slots()) {
      if (this.#live[slot] === 0 || this.#remote[slot] === 0) continue;
      this.#lost.set(slot, this.#rootAt(slot));
      this.#settle(slot, failure);
    }
  }

  /** Which message a root is; also one that was failed as a worker was lost, until `forgetLost`. */
  identify(slot: number, generation: number): Identity {
    const root = this.#current(slot, generation) ? this.#rootAt(slot) : this.#lost.get(slot);
    if (root === undefined || root.generation !== generation) return {};
    return root.owner.identify?.(root.message, root.index) ?? {};
  }

  /** The lost worker has a successor: nobody asks any more. */
  forgetLost(): void {
    this.#lost.clear();
  }

  /** Fails the roots that were opened before `beforeMs`. Returns how many. */
  expire(beforeMs: number, failure: Failure): number {
    for (let expired = 0; ; expired++) {
      const slot = this.#next[this.capacity]!;
      if (slot === this.capacity || this.#openedAtMs[slot]! >= beforeMs) return expired;
      this.#settle(slot, failure);
    }
  }

  #current(slot: number, generation: number): boolean {
    return this.#live[slot] === 1 && this.#generation[slot] === generation;
  }

  #rootAt(slot: number): Root {
    return {
      generation: this.#generation[slot]!,
      owner: this.#owner[slot]!,
      message: this.#message[slot],
      index: this.#index[slot]!,
    };
  }

  #slots(): number[] {
    const slots: number[] = [];
    for (let slot = this.#next[this.capacity]!; slot !== this.capacity; slot = this.#next[slot]!)
      slots.push(slot);
    return slots;
  }

  #settle(slot: number, failure: Failure | null): void {
    const owner = this.#owner[slot]!;
    const message = this.#message[slot];
    this.#live[slot] = 0;
    this.#generation[slot]!++;
    this.#owner[slot] = null;
    this.#message[slot] = null;
    const next = this.#next[slot]!;
    const previous = this.#previous[slot]!;
    this.#next[previous] = next;
    this.#previous[next] = previous;
    this.#free[this.#top++] = slot;
    owner.settled(message, this.#index[slot]!, failure, this.#openedAtMs[slot]!);
  }
}

// xorshift128 (Marsaglia 2003): 5 ns. Ids need to differ, not to be secret; crypto.randomBytes takes 1.8 µs.
const seed = randomFillSync(new Int32Array(4));
let [x, y, z, w] = seed as unknown as [number, number, number, number];
w |= 1;

export function random32(): number {
  const t = x ^ (x << 11);
  x = y;
  y = z;
  z = w;
  w = w ^ (w >>> 19) ^ (t ^ (t >>> 8));
  return w | 0;
}
