/** Plain numbers per component and worker: copied out once a second, never on the way of a row. @module */
import { Histogram } from './histogram.js';

export class Counters {
  /** Rows taken by bolts and sinks; of spouts, attempts. */
  readonly executed: Float64Array;
  /** Rows emitted by bolts; of spouts, messages, once each. */
  readonly emitted: Float64Array;
  /** Of spouts, messages stored by every sink; of others, rows done. */
  readonly acked: Float64Array;
  /** Of spouts, failed attempts; of others, rows that they failed or rejected. */
  readonly failed: Float64Array;
  /** Of spouts: attempts after the first. */
  readonly replayed: Float64Array;
  readonly deadLetters: Float64Array;
  /** Of spouts, first emission to last ack; of others, the own time (without what they emit to) of one row of every 32nd message. */
  readonly latency: readonly Histogram[];

  constructor(components: number) {
    const column = (): Float64Array => new Float64Array(components);
    this.executed = column();
    this.emitted = column();
    this.acked = column();
    this.failed = column();
    this.replayed = column();
    this.deadLetters = column();
    this.latency = Array.from({ length: components }, () => new Histogram());
  }

  snapshot(): CounterSnapshot[] {
    return this.latency.map((latency, i) => ({
      executed: this.executed[i]!,
      emitted: this.emitted[i]!,
      acked: this.acked[i]!,
      failed: this.failed[i]!,
      replayed: this.replayed[i]!,
      deadLetters: this.deadLetters[i]!,
      latency: latency.toJSON(),
    }));
  }
}

/** One component's figures in one worker, as JSON. */
export interface CounterSnapshot {
  readonly executed: number;
  readonly emitted: number;
  readonly acked: number;
  readonly failed: number;
  readonly replayed: number;
  readonly deadLetters: number;
  readonly latency: readonly (readonly [number, number])[];
}
