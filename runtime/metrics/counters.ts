/** Plain numbers per component and worker: copied out once a second, never on the way of a row. @module */
import { perKind, type Failure } from '../ledger/failure.js';
import { Histogram } from './histogram.js';

export class Counters {
  /** Rows taken by bolts and sinks; of spouts, attempts. */
  readonly executed: Float64Array;
  /** Of spouts: messages, once each. */
  readonly emitted: Float64Array;
  /** Of bolts: rows, by output stream. */
  readonly streams: readonly Float64Array[];
  /** Of spouts, messages stored by every sink; of others, rows done. */
  readonly acked: Float64Array;
  /** Of spouts, failed attempts; of others, rows that they failed or rejected. */
  readonly failed: Float64Array;
  /** The same, by why. */
  readonly failedBy: Readonly<Record<Failure['kind'], Float64Array>>;
  /** Of spouts: attempts after the first. */
  readonly replayed: Float64Array;
  readonly deadLetters: Float64Array;
  /** Of spouts, first emission to last ack; of others, the own time (without what they emit to) of one row of every 32nd message. */
  readonly latency: readonly Histogram[];

  /** @param outputs how many streams each component has, unless it is a spout */
  constructor(components: number, outputs: readonly number[] = []) {
    const column = (): Float64Array => new Float64Array(components);
    this.executed = column();
    this.emitted = column();
    this.streams = Array.from({ length: components }, (_, i) => new Float64Array(outputs[i] ?? 0));
    this.acked = column();
    this.failed = column();
    this.failedBy = perKind(column);
    this.replayed = column();
    this.deadLetters = column();
    this.latency = Array.from({ length: components }, () => new Histogram());
  }

  fail(component: number, kind: Failure['kind'], times = 1): void {
    this.failed[component]! += times;
    this.failedBy[kind][component]! += times;
  }

  snapshot(): CounterSnapshot[] {
    return this.latency.map((latency, i) => ({
      executed: this.executed[i]!,
      emitted: this.emitted[i]! + this.streams[i]!.reduce((sum, rows) => sum + rows, 0),
      streams: [...this.streams[i]!],
      acked: this.acked[i]!,
      failed: this.failed[i]!,
      failedBy: perKind((kind) => this.failedBy[kind][i]!),
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
  /** Of a bolt, the same by output stream, in the order of its plan. */
  readonly streams: readonly number[];
  readonly acked: number;
  readonly failed: number;
  readonly failedBy: Readonly<Record<Failure['kind'], number>>;
  readonly replayed: number;
  readonly deadLetters: number;
  readonly latency: readonly (readonly [number, number])[];
}
