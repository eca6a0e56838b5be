/** What is said of a topology: of the reports of its supervisor, one after the other, and what nimbus knows. @module */
import { groupingText } from '../../topology/plan/wiring.js';
import { HighWater } from '../metrics/high-water.js';
import { limitOf, pressures, type ComponentLoad, type Load } from './limit.js';
import { RecentLatency, type Recent } from './recent-latency.js';
import type { ReportedComponent, TopologyReport } from './report.js';
import type { ComponentStatus, EdgeStatus, TopologyStatus, WorkerStatus } from './status.js';

/** What nimbus knows of it. */
export type Known = Pick<TopologyStatus, 'generation' | 'planHash' | 'submittedAt' | 'stateDir'>;

/** Of one topology; asked once per report. Counters never go back, also when a worker dies and does again what it did. */
export class Derivation {
  readonly #told = new HighWater();
  readonly #latencies = new Map<string, RecentLatency>();
  #before: { readonly atMs: number; readonly totals: ReadonlyMap<string, number> } | undefined;

  next(report: TopologyReport, known: Known): TopologyStatus {
    const rates = this.#rates(report);
    const components = report.components.map((each) => this.#held(each));
    const latencies = report.components.map((each) => this.#latency(each, report.atMs));
    const load = this.#load(report, components, rates);
    // Spouts that were told to wait are not kept up by anything.
    const limit = report.state === 'running' ? limitOf(load) : null;
    const pressure = pressures(load, limit);
    const shown = components.map((each, i): ComponentStatus => ({
      ...countsOf(each, report, i),
      rates: ratesOf(each, rates),
      latencyMs: latencies[i]!,
      capacity: load.components[i]!.capacity,
      pressure: pressure[i]!,
    }));
    const spouts = shown.filter(({ role }) => role === 'spout');
    const sum = (of: (spout: ComponentStatus) => number): number =>
      spouts.reduce((total, spout) => total + of(spout), 0);
    const lags = spouts.flatMap(({ lag }) => (lag === null ? [] : [lag]));
    const { name, state, reason, reached, restarts, placement, reasons } = report;
    return {
      ...{ name, state, reason, reached, ...known, restarts, workers: placement.workers },
      rates: {
        emitted: sum((spout) => spout.rates.emitted),
        acked: sum((spout) => spout.rates.acked),
        failed: sum((spout) => spout.rates.failed),
      },
      emitted: sum(({ emitted }) => emitted),
      acked: sum(({ acked }) => acked),
      deadLetters: sum(({ deadLetters }) => deadLetters),
      lag: lags.length === 0 ? null : lags.reduce((a, b) => a + b),
      limit,
      components: shown,
      edges: edgesOf(report, rates),
      workerStatus: workersOf(report),
      reasons: reasons.map(([why, times]) => [why, times]),
    };
  }

  /** Per second since the report before, by what was counted; 0 of what was not there then. */
  #rates(report: TopologyReport): Rates {
    const before = this.#before;
    const totals = new Map<string, number>();
    for (const [key, total] of counted(report)) totals.set(key, this.#told.of(key, total));
    this.#before = { atMs: report.atMs, totals };
    const elapsedMs = before === undefined ? 0 : report.atMs - before.atMs;
    return (key) => {
      const was = before?.totals.get(key);
      // Another supervisor counts time from another moment.
      if (was === undefined || elapsedMs <= 0) return 0;
      return (((totals.get(key) ?? was) - was) * 1000) / elapsedMs;
    };
  }

  #held(component: ReportedComponent): ReportedComponent {
    const held = (count: Count): number =>
      this.#told.of(keyOf(component.name, count), component[count]);
    const failedBy = Object.fromEntries(
      Object.entries(component.failedBy).map(([kind, count]) => [
        kind,
        this.#told.of(`${component.name} failed by ${kind}`, count),
      ]),
    );
    return {
      ...component,
      ...{ executed: held('executed'), emitted: held('emitted'), acked: held('acked') },
      ...{ failed: held('failed'), replayed: held('replayed'), deadLetters: held('deadLetters') },
      failedBy: { ...component.failedBy, ...failedBy },
    };
  }

  #latency({ name, latency }: ReportedComponent, atMs: number): Recent {
    const known = this.#latencies.get(name) ?? new RecentLatency();
    this.#latencies.set(name, known);
    return known.add(latency, atMs);
  }

  #load(report: TopologyReport, components: readonly ReportedComponent[], rates: Rates): Load {
    const { placement, workers, open } = report;
    return {
      components: components.map(({ name, role }, i): ComponentLoad => {
        const hosts = [...new Set(placement.nodes[i]!.taskWorkers)];
        const rate = rates(keyOf(name, worked(role)));
        // Of a spout it is how long its messages take in all, and not a row in it.
        const ownMs = role === 'spout' ? 0 : this.#latencies.get(name)!.meanMs;
        const capacity = Math.min(1, (rate * ownMs) / 1000 / Math.max(1, hosts.length));
        return { name, role, capacity, open: open[i] ?? 0, rate, workers: hosts };
      }),
      edges: placement.edges,
      inFlight: workers.reduce((sum, { load }) => sum + (load?.inFlight ?? 0), 0),
      waitedRatio: Math.max(0, ...workers.map(({ worker }) => rates(waitedKey(worker)) / 1000)),
      busyRatios: workers.map(({ load }) => load?.busyRatio ?? 0),
    };
  }
}

type Rates = (key: string) => number;
type Count = (typeof COUNTS)[number];

const COUNTS = ['executed', 'emitted', 'acked', 'failed', 'replayed', 'deadLetters'] as const;

const keyOf = (component: string, count: Count): string => `${component} ${count}`;
/** Messages of spouts, each once whatever its attempts; rows of others. */
const worked = (role: ReportedComponent['role']): Count =>
  role === 'spout' ? 'emitted' : 'executed';
const streamKey = (component: string, stream: string): string => `${component} emitted ${stream}`;
const waitedKey = (worker: number): string => `waited ${worker}`;

function* counted({ components, workers }: TopologyReport): Generator<[string, number]> {
  for (const component of components) {
    for (const count of COUNTS) yield [keyOf(component.name, count), component[count]];
    for (const { stream, emitted } of component.streams)
      yield [streamKey(component.name, stream), emitted];
  }
  for (const { worker, waitedMs } of workers) yield [waitedKey(worker), waitedMs];
}

const ratesOf = ({ name, role }: ReportedComponent, rates: Rates): ComponentStatus['rates'] => ({
  executed: rates(keyOf(name, worked(role))),
  emitted: rates(keyOf(name, 'emitted')),
  acked: rates(keyOf(name, 'acked')),
  failed: rates(keyOf(name, 'failed')),
});

function countsOf(
  component: ReportedComponent,
  report: TopologyReport,
  i: number,
): Omit<ComponentStatus, 'rates' | 'latencyMs' | 'capacity' | 'pressure'> {
  const { name, role, emitted, acked, failed, replayed, deadLetters } = component;
  const { node, taskWorkers } = report.placement.nodes[i]!;
  const failedBy = Object.entries(component.failedBy).filter(([, count]) => count > 0);
  return {
    ...{ name, role, kind: node.kind, taskWorkers: [...taskWorkers] },
    executed: component[worked(role)],
    ...{ emitted, acked, failed, failedBy: Object.fromEntries(failedBy) },
    ...{ replayed, deadLetters, open: report.open[i] ?? 0 },
    lag: role === 'spout' ? lagOf(name, report) : null,
  };
}

/** In messages: what spouts call so. That of a followed file is in bytes, and another metric. */
function lagOf(name: string, { own }: TopologyReport): number | null {
  const lags = own.filter(
    (metric) => metric.component === name && metric.name.endsWith('_lag_messages'),
  );
  return lags.length === 0 ? null : lags.reduce((sum, { value }) => sum + Math.max(0, value), 0);
}

function edgesOf({ placement, components }: TopologyReport, rates: Rates): EdgeStatus[] {
  return placement.edges.map(({ from, stream, to, grouping, fused }) => {
    const { name, role } = components[from]!;
    const key = role === 'spout' ? keyOf(name, 'executed') : streamKey(name, stream);
    const ends = { from: name, to: components[to]!.name };
    return { ...ends, stream, grouping: groupingText(grouping), fused, rate: rates(key) };
  });
}

const workersOf = ({ workers }: TopologyReport): WorkerStatus[] =>
  workers.map(({ worker, pid, load }) => ({
    ...{ worker, pid, up: pid !== null && load !== null },
    inFlight: load?.inFlight ?? 0,
    outboxBytes: load?.outboxBytes ?? 0,
    busyRatio: Math.min(1, Math.max(0, load?.busyRatio ?? 0)),
  }));
