/**
 * Adds up what the workers counted, over their lives: what a dead worker had done counts, and what
 * its successor repeats counts once where the spouts' commits say so.
 *
 * @module
 */
import { perKind } from '../ledger/failure.js';
import type { CounterSnapshot } from '../metrics/counters.js';
import { Histogram } from '../metrics/histogram.js';
import type { WorkerLoad } from '../metrics/load.js';
import { addCounters, type OwnMetric } from '../metrics/own-metrics.js';
import type { Placement } from '../planner/place.js';
import type { Reasons, WorkerReport } from './protocol.js';
import type { SpoutCounters } from '../worker/ports.js';

export interface ComponentFigures {
  readonly name: string;
  readonly role: 'spout' | 'bolt' | 'sink';
  readonly tasks: number;
  readonly executed: number;
  readonly emitted: number;
  readonly acked: number;
  readonly failed: number;
  readonly replayed: number;
  readonly deadLetters: number;
  /** Of spouts, first emission to last ack; of others, the time of one row in the component. */
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null };
  readonly latency: Histogram;
  /** Of a bolt, `emitted` by output stream. */
  readonly streams: readonly { readonly stream: string; readonly emitted: number }[];
  /** `failed`, by why. */
  readonly failedBy: CounterSnapshot['failedBy'];
}

export interface WorkerFigures {
  readonly worker: number;
  /** Null while it is dead, or has not said anything yet. */
  readonly load: WorkerLoad | null;
  /** How long its spouts were kept from emitting, in all its lives. */
  readonly waitedMs: number;
  /** What its components have set of their own. */
  readonly gauges: readonly OwnMetric[];
}

type Sums = Omit<CounterSnapshot, 'latency'>;
const ZERO: Sums = {
  executed: 0,
  emitted: 0,
  streams: [],
  acked: 0,
  failed: 0,
  failedBy: perKind(() => 0),
  replayed: 0,
  deadLetters: 0,
};

export class Figures {
  #placement: Placement;
  /** Of earlier runs on this state folder, per component: subtracted. */
  readonly #before: ReadonlyMap<string, SpoutCounters>;
  readonly #live = new Map<number, WorkerReport>();
  /** Of dead workers. */
  readonly #retired: { sums: Sums; latency: Histogram }[];
  readonly #retiredReasons = new Map<string, number>();
  #retiredOwn: readonly OwnMetric[] = [];
  /** What has been counted by those that receive. */
  readonly #receivers = new Map<number, readonly OwnMetric[]>();
  /** By worker. */
  readonly #retiredWaitMs: number[];

  constructor(placement: Placement, before: ReadonlyMap<string, SpoutCounters>) {
    this.#placement = placement;
    this.#before = before;
    this.#retiredWaitMs = Array.from({ length: placement.workers }, () => 0);
    this.#retired = placement.nodes.map(() => ({ sums: ZERO, latency: new Histogram() }));
  }

  update(worker: number, report: WorkerReport): void {
    this.#live.set(worker, report);
  }

  /** Why messages became dead letters, the most frequent first. */
  reasons(): [reason: string, count: number][] {
    const sums = new Map(this.#retiredReasons);
    for (const { reasons } of this.#live.values()) addReasons(sums, reasons);
    return [...sums].sort(([, a], [, b]) => b - a);
  }

  /** What components counted of their own, over all workers. */
  ownCounters(): OwnMetric[] {
    const live = [...this.#live.values()].flatMap(({ own }) => own);
    return addCounters([...this.#retiredOwn, ...live, ...[...this.#receivers.values()].flat()]);
  }

  /** Bolts have other tasks. */
  place(placement: Placement): void {
    this.#placement = placement;
  }

  received(receiver: number, own: readonly OwnMetric[]): void {
    this.#receivers.set(receiver, own);
  }

  receiverGauges(): OwnMetric[] {
    return [...this.#receivers.values()].flat().filter(({ type }) => type === 'gauge');
  }

  retireReceiver(receiver: number): void {
    this.#retiredOwn = addCounters([...this.#retiredOwn, ...(this.#receivers.get(receiver) ?? [])]);
    this.#receivers.delete(receiver);
  }

  /** Rows that each component has taken and that are not done, in the workers that live. */
  open(): number[] {
    const reports = [...this.#live.values()];
    return this.#placement.nodes.map(({ node }, i) =>
      reports.reduce((sum, { counters }) => {
        const { executed, acked, failed } = counters[i]!;
        return node.role === 'spout' ? sum : sum + Math.max(0, executed - acked - failed);
      }, 0),
    );
  }

  workers(): WorkerFigures[] {
    return this.#retiredWaitMs.map((before, worker) => {
      const { load = null, own = [] } = this.#live.get(worker) ?? {};
      const gauges = own.filter(({ type }) => type === 'gauge');
      return { worker, load, waitedMs: before + (load?.waitedMs ?? 0), gauges };
    });
  }

  /** A worker died: what it did was done, but its spouts' messages are counted on from their commits by its successor. */
  retire(worker: number): void {
    const report = this.#live.get(worker);
    if (report === undefined) return;
    report.counters.forEach((snapshot, i) => {
      const { latency, ...counted } = snapshot;
      const isSpout = this.#placement.nodes[i]!.node.role === 'spout';
      const kept = isSpout ? { ...counted, emitted: 0, acked: 0, deadLetters: 0 } : counted;
      const retired = this.#retired[i]!;
      retired.sums = add(retired.sums, kept);
      retired.latency.merge(Histogram.fromJSON(latency));
    });
    this.#live.delete(worker);
    addReasons(this.#retiredReasons, report.reasons);
    this.#retiredOwn = addCounters([...this.#retiredOwn, ...report.own]);
    this.#retiredWaitMs[worker]! += report.load.waitedMs;
  }

  components(): ComponentFigures[] {
    return this.#placement.nodes.map(({ name, node, taskWorkers }, i) => {
      const latency = new Histogram(this.#retired[i]!.latency.counts);
      let sums = this.#retired[i]!.sums;
      for (const { counters } of this.#live.values()) {
        sums = add(sums, counters[i]!);
        latency.merge(Histogram.fromJSON(counters[i]!.latency));
      }
      const before = this.#before.get(name);
      if (before !== undefined) {
        // Until every worker has reported, what is counted so far may be less than what was before.
        const since = (count: 'emitted' | 'acked' | 'deadLetters'): number =>
          Math.max(0, sums[count] - before[count]);
        sums = {
          ...sums,
          emitted: since('emitted'),
          acked: since('acked'),
          deadLetters: since('deadLetters'),
        };
      }
      const streams =
        node.role === 'bolt'
          ? node.outputs.map(({ stream }, n) => ({ stream, emitted: sums.streams[n] ?? 0 }))
          : [];
      const latencyMs = { p50: latency.quantileMs(0.5), p99: latency.quantileMs(0.99) };
      return {
        name,
        role: node.role,
        tasks: taskWorkers.length,
        ...sums,
        streams,
        latencyMs,
        latency,
      };
    });
  }
}

const add = (a: Sums, b: Sums): Sums => ({
  executed: a.executed + b.executed,
  emitted: a.emitted + b.emitted,
  streams: b.streams.map((rows, i) => rows + (a.streams[i] ?? 0)),
  acked: a.acked + b.acked,
  failed: a.failed + b.failed,
  failedBy: perKind((kind) => a.failedBy[kind] + b.failedBy[kind]),
  replayed: a.replayed + b.replayed,
  deadLetters: a.deadLetters + b.deadLetters,
});

function addReasons(sums: Map<string, number>, reasons: Reasons): void {
  for (const [reason, count] of reasons) sums.set(reason, (sums.get(reason) ?? 0) + count);
}
