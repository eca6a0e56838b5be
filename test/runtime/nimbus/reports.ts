/** Reports of a topology that runs nowhere: what it did in each second is made up. */
import { perKind } from '../../../runtime/ledger/failure.js';
import { Histogram } from '../../../runtime/metrics/histogram.js';
import type { OwnMetric } from '../../../runtime/metrics/own-metrics.js';
import type { Report, ReportedFigures } from '../../../runtime/nimbus/report.js';
import { place, type Placement } from '../../../runtime/planner/place.js';
import { planOf } from '../planner/support.js';

/** What a component did in a second. */
export interface Worked {
  readonly rows?: number;
  /** How long each took it. */
  readonly ownMs?: number;
  /** Rows that it holds at the end. */
  readonly open?: number;
  readonly failed?: number;
}

export interface Second {
  readonly components?: { readonly [name: string]: Worked };
  readonly inFlight?: number;
  /** How long the spouts of each worker were kept from emitting. */
  readonly waitedMs?: number;
  readonly busyRatio?: number;
}

/** `lines`, a spout, is read by `ask`, a bolt, is read by `store`, a sink; with one task of each in both workers. */
export const FUSED = place(
  planOf({
    lines: { emits: ['messages'] },
    ask: { from: { lines: 'shuffle' }, emits: ['messages'] },
    store: { role: 'sink', from: { ask: 'shuffle' } },
  }),
  2,
);

export class Reports {
  readonly #placement: Placement;
  readonly #sums = new Map<string, { rows: number; failed: number; latency: Histogram }>();
  #waitedMs = 0;
  #atMs = 5000;

  readonly #firstPid: number;

  /** @param firstPid of its workers: others are another life */
  constructor(placement = FUSED, firstPid = 100) {
    this.#placement = placement;
    this.#firstPid = firstPid;
  }

  /** What is reported after one more second. */
  after({
    components = {},
    inFlight = 0,
    waitedMs = 0,
    busyRatio = 0,
  }: Second): Report & { readonly figures: ReportedFigures } {
    this.#atMs += 1000;
    this.#waitedMs += waitedMs;
    const load = { inFlight: inFlight / 2, outboxBytes: 0, waitedMs: this.#waitedMs, busyRatio };
    const figures = {
      placement: this.#placement,
      components: this.#placement.nodes.map(({ name, node, taskWorkers }) => {
        const { rows, failed, latency } = this.#worked(name, components[name] ?? {});
        return {
          ...{ name, role: node.role, tasks: taskWorkers.length },
          ...{ executed: rows, emitted: rows, acked: rows, failed, replayed: 0, deadLetters: 0 },
          streams: node.outputs.map(({ stream }) => ({ stream, emitted: rows })),
          failedBy: { ...perKind(() => 0), rejected: failed },
          latency: latency.toJSON(),
          open: components[name]?.open ?? 0,
        };
      }),
      workers: [0, 1].map((worker) => ({
        ...{ worker, pid: this.#firstPid + worker, load, waitedMs: this.#waitedMs },
      })),
      reasons: [],
      own: [],
    };
    const state = 'running' as const;
    const atMs = this.#atMs;
    return {
      name: 'web',
      state,
      reason: null,
      reached: 3,
      trial: null,
      restarts: 0,
      figures,
      atMs,
    };
  }

  #worked(name: string, { rows = 0, ownMs, failed = 0 }: Worked) {
    const sums = this.#sums.get(name) ?? { rows: 0, failed: 0, latency: new Histogram() };
    this.#sums.set(name, sums);
    sums.rows += rows;
    sums.failed += failed;
    // As workers do, some are timed.
    if (ownMs !== undefined) for (let i = 0; i < rows; i += 32) sums.latency.addMs(ownMs);
    return sums;
  }
}

export const lag = (component: string, value: number): OwnMetric => ({
  ...{ component, value, type: 'gauge', name: 'kafka_lag_messages', help: '', labels: {} },
});
