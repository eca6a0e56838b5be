/** What is said of a topology's figures: of the reports of its supervisor, one after the other. @module */
import { groupingText } from '../../topology/plan/wiring.js';
import { perKind } from '../ledger/failure.js';
import type { Placement } from '../planner/place.js';
import { limitOf, pressures, type ComponentLoad, type Load } from './limit.js';
import { Lives } from './lives.js';
import { RecentLatency, type Recent } from './recent-latency.js';
import type { Report, ReportedComponent, ReportedFigures } from './report.js';
import { SinceSubmitted } from './since-submitted.js';
import type { ComponentStatus, EdgeStatus, TopologyStatus, WorkerStatus } from './status.js';

/** What is measured of it. */
export type Measurements = Pick<
  TopologyStatus,
  | 'rates'
  | 'emitted'
  | 'acked'
  | 'deadLetters'
  | 'lag'
  | 'limit'
  | 'components'
  | 'edges'
  | 'workerStatus'
  | 'reasons'
>;

/** Of one topology; asked once per report. Counters never go back, whatever becomes of its processes. */
export class Derivation {
  readonly #counters = new SinceSubmitted();
  readonly #lives = new Lives();
  /** Its commits were forgotten: what comes next begins with nothing. */
  #completed = false;
  readonly #latencies = new Map<string, RecentLatency>();
  #before: { readonly atMs: number; readonly totals: ReadonlyMap<string, number> } | undefined;

  /** @param placement what it looks like while it has no processes */
  next(report: Pick<Report, 'state' | 'figures' | 'atMs'>, placement: Placement): Measurements {
    const figures = report.figures ?? withoutProcesses(placement);
    if (report.state === 'completed') this.#completed = true;
    const totals = this.#totals(figures);
    const rates = this.#rates(totals, report.atMs);
    const load = this.#load(figures, report.atMs, rates);
    // Spouts that were told to wait are not kept up by anything.
    const limit = report.state === 'running' ? limitOf(load) : null;
    const pressure = pressures(load, limit);
    const components = figures.components.map((each, i): ComponentStatus => ({
      ...countsOf(each, figures, i, (key) => totals.get(key) ?? 0),
      rates: ratesOf(each, rates),
      latencyMs: load.latencies[i]!,
      capacity: load.components[i]!.capacity,
      pressure: pressure[i]!,
    }));
    return {
      ...sumsOf(components.filter(({ role }) => role === 'spout')),
      ...{ limit, components },
      edges: edgesOf(figures, rates),
      workerStatus: workersOf(figures),
      reasons: figures.reasons.map(([why, times]) => [why, times]),
    };
  }

  #totals(figures: ReportedFigures): ReadonlyMap<string, number> {
    const isNew = this.#lives.isNew(figures.workers);
    const totals = new Map<string, number>();
    for (const [key, count, goesOn] of counted(figures))
      totals.set(key, this.#counters.of(key, count, isNew && (!goesOn || this.#completed)));
    if (isNew) this.#completed = false;
    return totals;
  }

  /** Per second since the report before; 0 of what was not there then. */
  #rates(totals: ReadonlyMap<string, number>, atMs: number): Values {
    const before = this.#before;
    this.#before = { atMs, totals };
    const elapsedMs = before === undefined ? 0 : atMs - before.atMs;
    return (key) => {
      const was = before?.totals.get(key);
      // Another supervisor counts time from another moment.
      if (was === undefined || elapsedMs <= 0) return 0;
      return (((totals.get(key) ?? was) - was) * 1000) / elapsedMs;
    };
  }

  #load(
    { placement, components, workers }: ReportedFigures,
    atMs: number,
    rates: Values,
  ): Load & { readonly latencies: readonly Recent[] } {
    const latencies = components.map((each) => this.#latency(each.name).add(each.latency, atMs));
    return {
      latencies,
      components: components.map(({ name, role, open }, i): ComponentLoad => {
        const hosts = [...new Set(placement.nodes[i]!.taskWorkers)];
        const rate = rates(keyOf(name, worked(role)));
        // Of a spout it is how long its messages take in all, and not a row in it.
        const ownMs = role === 'spout' ? 0 : this.#latency(name).meanMs;
        const capacity = Math.min(1, (rate * ownMs) / 1000 / Math.max(1, hosts.length));
        return { name, role, capacity, open, rate, workers: hosts };
      }),
      edges: placement.edges,
      inFlight: workers.reduce((sum, { load }) => sum + (load?.inFlight ?? 0), 0),
      waitedRatio: Math.max(0, ...workers.map(({ worker }) => rates(waitedKey(worker)) / 1000)),
      busyRatios: workers.map(({ load }) => load?.busyRatio ?? 0),
    };
  }

  #latency(component: string): RecentLatency {
    const latency = this.#latencies.get(component) ?? new RecentLatency();
    this.#latencies.set(component, latency);
    return latency;
  }
}

type Values = (key: string) => number;
type Count = (typeof COUNTS)[number];

const COUNTS = ['executed', 'emitted', 'acked', 'failed', 'replayed', 'deadLetters'] as const;

const keyOf = (component: string, count: Count): string => `${component} ${count}`;
const streamKey = (component: string, stream: string): string => `${component} emitted ${stream}`;
const failedKey = (component: string, kind: string): string => `${component} failed by ${kind}`;
const waitedKey = (worker: number): string => `waited ${worker}`;
/** Messages of spouts, each once whatever its attempts; rows of others. */
const worked = (role: ReportedComponent['role']): Count =>
  role === 'spout' ? 'emitted' : 'executed';

/** What a spout has committed is kept with its positions, and goes on with the next life. */
const KEPT: ReadonlySet<Count> = new Set(['emitted', 'acked', 'deadLetters']);

function* counted({
  components,
  workers,
}: ReportedFigures): Generator<[key: string, count: number, goesOn: boolean]> {
  for (const component of components) {
    const { name, role, streams, failedBy } = component;
    for (const count of COUNTS)
      yield [keyOf(name, count), component[count], role === 'spout' && KEPT.has(count)];
    for (const { stream, emitted } of streams) yield [streamKey(name, stream), emitted, false];
    for (const [kind, count] of Object.entries(failedBy))
      yield [failedKey(name, kind), count, false];
  }
  for (const { worker, waitedMs } of workers) yield [waitedKey(worker), waitedMs, false];
}

function sumsOf(
  spouts: readonly ComponentStatus[],
): Pick<Measurements, 'rates' | 'emitted' | 'acked' | 'deadLetters' | 'lag'> {
  const sum = (of: (spout: ComponentStatus) => number): number =>
    spouts.reduce((total, spout) => total + of(spout), 0);
  return {
    rates: {
      emitted: sum(({ rates }) => rates.emitted),
      acked: sum(({ rates }) => rates.acked),
      failed: sum(({ rates }) => rates.failed),
    },
    emitted: sum(({ emitted }) => emitted),
    acked: sum(({ acked }) => acked),
    deadLetters: sum(({ deadLetters }) => deadLetters),
    lag: spouts.some(({ lag }) => lag !== null) ? sum(({ lag }) => lag ?? 0) : null,
  };
}

const ratesOf = ({ name, role }: ReportedComponent, rates: Values): ComponentStatus['rates'] => ({
  executed: rates(keyOf(name, worked(role))),
  emitted: rates(keyOf(name, 'emitted')),
  acked: rates(keyOf(name, 'acked')),
  failed: rates(keyOf(name, 'failed')),
});

function countsOf(
  { name, role, failedBy, open }: ReportedComponent,
  figures: ReportedFigures,
  i: number,
  totals: Values,
): Omit<ComponentStatus, 'rates' | 'latencyMs' | 'capacity' | 'pressure'> {
  const { node, taskWorkers } = figures.placement.nodes[i]!;
  const total = (count: Count): number => totals(keyOf(name, count));
  const failures = Object.keys(failedBy).map((kind) => [kind, totals(failedKey(name, kind))]);
  return {
    ...{ name, role, kind: node.kind, taskWorkers: [...taskWorkers], open },
    ...{ executed: total(worked(role)), emitted: total('emitted'), acked: total('acked') },
    failed: total('failed'),
    failedBy: Object.fromEntries(failures.filter(([, times]) => times !== 0)),
    ...{ replayed: total('replayed'), deadLetters: total('deadLetters') },
    lag: role === 'spout' ? lagOf(name, figures) : null,
  };
}

/** In messages: what spouts call so. That of a followed file is in bytes, and another metric. */
function lagOf(name: string, { own }: ReportedFigures): number | null {
  const lags = own.filter(
    (metric) => metric.component === name && metric.name.endsWith('_lag_messages'),
  );
  return lags.length === 0 ? null : lags.reduce((sum, { value }) => sum + Math.max(0, value), 0);
}

function edgesOf({ placement, components }: ReportedFigures, rates: Values): EdgeStatus[] {
  return placement.edges.map(({ from, stream, to, grouping, fused }) => {
    const { name, role } = components[from]!;
    const key = role === 'spout' ? keyOf(name, 'executed') : streamKey(name, stream);
    const ends = { from: name, to: components[to]!.name };
    return { ...ends, stream, grouping: groupingText(grouping), fused, rate: rates(key) };
  });
}

const workersOf = ({ workers }: ReportedFigures): WorkerStatus[] =>
  workers.map(({ worker, pid, load }) => ({
    ...{ worker, pid, up: pid !== null && load !== null },
    inFlight: load?.inFlight ?? 0,
    outboxBytes: load?.outboxBytes ?? 0,
    busyRatio: Math.min(1, Math.max(0, load?.busyRatio ?? 0)),
  }));

const withoutProcesses = (placement: Placement): ReportedFigures => ({
  placement,
  components: placement.nodes.map(({ name, node: { role, outputs }, taskWorkers }) => ({
    ...{ name, role, tasks: taskWorkers.length, latency: [], open: 0 },
    ...{ executed: 0, emitted: 0, acked: 0, failed: 0, replayed: 0, deadLetters: 0 },
    streams: role === 'bolt' ? outputs.map(({ stream }) => ({ stream, emitted: 0 })) : [],
    failedBy: perKind(() => 0),
  })),
  workers: [],
  reasons: [],
  own: [],
});
