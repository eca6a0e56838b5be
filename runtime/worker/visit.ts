/**
 * The message that this process is working on: one per process, as processing is synchronous.
 *
 * A visit starts with one open edge of a root (its own message, or a row that came in) and XORs in
 * the id of every edge it opens. At the end, one ack with the sum closes the first and declares the others.
 *
 * @module
 */
import { random32 } from '../ledger/ledger.js';
import type { Failure } from '../ledger/failure.js';
import type { Histogram } from '../metrics/histogram.js';
import type { Acks, Anchor } from './anchor.js';

export class Visit implements Anchor {
  readonly #acks: Acks;
  worker = 0;
  slot = -1;
  generation = 0;
  high = 0;
  low = 0;
  failure: Failure | null = null;
  /** Which component runs, as an index: for the flight recorder and for failures. */
  component = -1;
  /** Whether this visit's components are timed. */
  sampled = false;
  /** Time that the components called by the one at work took: it is theirs. */
  childMs = 0;
  #count = 0;
  /** Key group + 1 of the row that a bolt was given last; 0 when it came by no key. */
  group = 0;
  /** The id of the edge that `open` made. */
  edgeHigh = 0;
  edgeLow = 0;

  constructor(acks: Acks) {
    this.#acks = acks;
  }

  /** Visits begun, parts of a message that go on later included. */
  get count(): number {
    return this.#count;
  }

  get active(): boolean {
    return this.slot >= 0;
  }

  begin(worker: number, slot: number, generation: number, high: number, low: number): void {
    this.worker = worker;
    this.slot = slot;
    this.generation = generation;
    this.high = high;
    this.low = low;
    this.group = 0;
    this.failure = null;
    // Timing costs 100 ns a component; one visit in 32 is enough for p99 and costs 1 %.
    this.sampled = (++this.#count & 31) === 0;
  }

  /** A component has returned: its own time is what its callees did not take. */
  timed(latency: Histogram, startMs: number, outerChildMs: number, nowMs: number): void {
    latency.addMs(nowMs - startMs - this.childMs);
    this.childMs = outerChildMs + nowMs - startMs;
  }

  /** Opens an edge: something of this message goes on elsewhere or later. */
  open(): void {
    this.high ^= this.edgeHigh = random32();
    this.low ^= this.edgeLow = random32();
  }

  /** The edge just opened, as an object. */
  anchor(): Anchor {
    this.open();
    const { worker, slot, generation } = this;
    return { worker, slot, generation, high: this.edgeHigh, low: this.edgeLow };
  }

  end(): void {
    const { worker, slot, generation } = this;
    this.slot = -1;
    if (this.failure === null) this.#acks.ack(worker, slot, generation, this.high, this.low);
    else this.#acks.fail(worker, slot, generation, this.failure);
  }

  /** Runs `run` as a part of the message that `anchor` belongs to; it stays open. May be nested, also for one anchor. */
  resume(anchor: Anchor, run: () => void): void {
    const { worker, slot, generation, high, low, failure, component, sampled, childMs } = this;
    // From zero, and added at the end: a nested call may have opened edges of the same anchor.
    this.begin(anchor.worker, anchor.slot, anchor.generation, 0, 0);
    try {
      run();
    } finally {
      anchor.high ^= this.high;
      anchor.low ^= this.low;
      const failed = this.failure;
      Object.assign(this, {
        worker,
        slot,
        generation,
        high,
        low,
        failure,
        component,
        sampled,
        childMs,
      });
      if (failed !== null) this.#acks.fail(anchor.worker, anchor.slot, anchor.generation, failed);
    }
  }
}
