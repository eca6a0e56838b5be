/** A growing list of anchors without an object each: a sink holds thousands between two flushes. @module */
import type { Failure } from '../ledger/failure.js';
import type { Acks } from './anchor.js';
import type { Visit } from './visit.js';

export class Anchors {
  #ints = new Int32Array(5 * 1024);
  #length = 0;

  get count(): number {
    return this.#length / 5;
  }

  /** Opens an edge of the visit at hand and keeps it. */
  hold(visit: Visit): void {
    visit.open();
    if (this.#length === this.#ints.length) this.#grow();
    const i = this.#length;
    const ints = this.#ints;
    ints[i] = visit.worker;
    ints[i + 1] = visit.slot;
    ints[i + 2] = visit.generation;
    ints[i + 3] = visit.edgeHigh;
    ints[i + 4] = visit.edgeLow;
    this.#length = i + 5;
  }

  /** Takes the last one back: its edge was closed again by the same visit. */
  drop(visit: Visit): void {
    this.#length -= 5;
    visit.high ^= this.#ints[this.#length + 3]!;
    visit.low ^= this.#ints[this.#length + 4]!;
  }

  /** @param refused why some are to be failed instead, by their place */
  ackAll(acks: Acks, refused?: ReadonlyMap<number, Failure>): void {
    const ints = this.#ints;
    for (let i = 0; i < this.#length; i += 5) {
      const failure = refused?.get(i / 5);
      if (failure !== undefined) acks.fail(ints[i]!, ints[i + 1]!, ints[i + 2]!, failure);
      else acks.ack(ints[i]!, ints[i + 1]!, ints[i + 2]!, ints[i + 3]!, ints[i + 4]!);
    }
    this.#length = 0;
  }

  failAll(acks: Acks, failure: Failure): void {
    const ints = this.#ints;
    for (let i = 0; i < this.#length; i += 5)
      acks.fail(ints[i]!, ints[i + 1]!, ints[i + 2]!, failure);
    this.#length = 0;
  }

  #grow(): void {
    const grown = new Int32Array(2 * this.#ints.length);
    grown.set(this.#ints);
    this.#ints = grown;
  }
}
