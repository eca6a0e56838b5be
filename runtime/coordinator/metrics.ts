/**
 * What `/metrics` says of a run. Series are per component or per worker, never per row or value.
 *
 * @module
 */
import { BUILT_IN, type BuiltIn } from '../metrics/built-in.js';
import { expose, type Exposition, type Family, type Sample } from '../metrics/exposition.js';
import { HighWater } from '../metrics/high-water.js';
import type { OwnMetric } from '../metrics/own-metrics.js';
import type { ComponentFigures, WorkerFigures } from './figures.js';

/** What a run is asked for. */
export interface Measured {
  readonly restarts: number;
  components(): readonly ComponentFigures[];
  workers(): readonly WorkerFigures[];
  ownCounters(): readonly OwnMetric[];
  receiverGauges(): readonly OwnMetric[];
}

export class Metrics {
  readonly #topology: string;
  readonly #run: Measured;
  /**
   * Of each series of a counter, what was told last. After a worker's death what it had not committed is
   * uncounted until its successor has done it again, and a counter that goes back is read as one that began anew.
   */
  readonly #told = new HighWater();

  constructor(topology: string, run: Measured) {
    this.#topology = topology;
    this.#run = run;
  }

  expose(): Promise<Exposition> {
    const families = familiesOf(this.#run).map((family) => held(family, this.#told));
    return expose(families, { topology: this.#topology });
  }
}

/** A counter as it was told last where it went back; other families as they are. */
export function held(family: Family, told: HighWater): Family {
  if (family.type !== 'counter') return family;
  const values = family.values.map((sample) => {
    const series = `${family.name} ${JSON.stringify(sample.labels)}`;
    return { ...sample, value: told.of(series, sample.value) };
  });
  return { ...family, values };
}

export function familiesOf(run: Measured): Family[] {
  const components = run.components();
  const workers = run.workers();
  const of = (...roles: ComponentFigures['role'][]): ComponentFigures[] =>
    components.filter(({ role }) => roles.includes(role));
  return [
    ...spoutFamilies(of('spout')),
    family('emitted_rows_total', perStream(of('bolt'))),
    ...rowFamilies(of('bolt', 'sink')),
    family('worker_restarts_total', [{ labels: {}, value: run.restarts }]),
    ...workerFamilies(workers),
    ...run.ownCounters().map((metric) => own(metric, {})),
    ...run.receiverGauges().map((metric) => own(metric, {})),
    ...workers.flatMap(({ worker, gauges }) => gauges.map((metric) => own(metric, { worker }))),
  ];
}

const spoutFamilies = (spouts: readonly ComponentFigures[]): Family[] => [
  family(
    'emitted_messages_total',
    perComponent(spouts, ({ emitted }) => emitted),
  ),
  family(
    'acked_messages_total',
    perComponent(spouts, ({ acked }) => acked),
  ),
  family(
    'dead_letters_total',
    perComponent(spouts, ({ deadLetters }) => deadLetters),
  ),
  family(
    'attempts_total',
    perComponent(spouts, ({ executed }) => executed),
  ),
  family(
    'replayed_attempts_total',
    perComponent(spouts, ({ replayed }) => replayed),
  ),
  family('failed_attempts_total', perReason(spouts, ATTEMPTS_FAIL)),
  latencies('complete_latency_seconds', spouts, COMPLETE_US),
];

const rowFamilies = (readers: readonly ComponentFigures[]): Family[] => [
  family(
    'executed_rows_total',
    perComponent(readers, ({ executed }) => executed),
  ),
  family(
    'acked_rows_total',
    perComponent(readers, ({ acked }) => acked),
  ),
  family('failed_rows_total', perReason(readers, ROWS_FAIL)),
  latencies('execute_latency_seconds', readers, EXECUTE_US),
];

function workerFamilies(workers: readonly WorkerFigures[]): Family[] {
  const up = workers.flatMap(({ worker, load }) => (load === null ? [] : [{ worker, ...load }]));
  return [
    family(
      'worker_up',
      perWorker(workers, ({ load }) => (load === null ? 0 : 1)),
    ),
    family(
      'in_flight_messages',
      perWorker(up, ({ inFlight }) => inFlight),
    ),
    family(
      'outbox_bytes',
      perWorker(up, ({ outboxBytes }) => outboxBytes),
    ),
    family(
      'busy_ratio',
      perWorker(up, ({ busyRatio }) => busyRatio),
    ),
    family(
      'backpressure_seconds_total',
      perWorker(workers, ({ waitedMs }) => waitedMs / 1000),
    ),
  ];
}

/** Those of a gauge are per worker: what two workers have set cannot be added without knowing what it is. */
const own = (
  { component, name, help, type, labels, value }: OwnMetric,
  by: Sample['labels'],
): Family => ({
  name: `squall_${name}`,
  help,
  type,
  values: [{ labels: { component, ...labels, ...by }, value }],
});

function family(name: BuiltIn, values: readonly Sample[]): Family {
  const [type, help] = BUILT_IN[name];
  return { name: `squall_${name}`, help, type, values };
}

const perComponent = (
  components: readonly ComponentFigures[],
  valueOf: (figures: ComponentFigures) => number,
): Sample[] =>
  components.map((each) => ({ labels: { component: each.name }, value: valueOf(each) }));

const perStream = (bolts: readonly ComponentFigures[]): Sample[] =>
  bolts.flatMap(({ name, streams }) =>
    streams.map(({ stream, emitted }) => ({ labels: { component: name, stream }, value: emitted })),
  );

const perWorker = <W extends { readonly worker: number }>(
  workers: readonly W[],
  valueOf: (figures: W) => number,
): Sample[] => workers.map((each) => ({ labels: { worker: each.worker }, value: valueOf(each) }));

const ATTEMPTS_FAIL = [
  'failed',
  'timeout',
  'worker-lost',
  'blocked',
  'out-of-memory',
  'killed-worker',
  'rejected',
] as const;
const ROWS_FAIL = ['failed', 'rejected'] as const;

const perReason = (
  components: readonly ComponentFigures[],
  reasons: readonly (keyof ComponentFigures['failedBy'])[],
): Sample[] =>
  components.flatMap(({ name, failedBy }) =>
    reasons.map((reason) => ({ labels: { component: name, reason }, value: failedBy[reason] })),
  );

/** Bounds of buckets, in microseconds. */
const EXECUTE_US = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6];
const COMPLETE_US = [1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 3e7, 6e7];

function latencies(
  name: BuiltIn,
  components: readonly ComponentFigures[],
  boundsUs: readonly number[],
): Family {
  const values = components.flatMap((each) => {
    const labels = { component: each.name };
    const { atMost, count, sumUs } = each.latency.cumulative(boundsUs);
    const bucket = (le: number | string, value: number): Sample => ({
      metricName: `squall_${name}_bucket`,
      labels: { ...labels, le },
      value,
    });
    return [
      ...atMost.map((value, i) => bucket(boundsUs[i]! / 1e6, value)),
      bucket('+Inf', count),
      { metricName: `squall_${name}_sum`, labels, value: sumUs / 1e6 },
      { metricName: `squall_${name}_count`, labels, value: count },
    ];
  });
  return family(name, values);
}
