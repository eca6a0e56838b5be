/** What `/metrics` of nimbus says: what every topology measures, with its name as a label, and what nimbus itself does. @module */
import { familiesOf, held } from '../coordinator/metrics.js';
import { expose, type Exposition, type Family } from '../metrics/exposition.js';
import { HighWater } from '../metrics/high-water.js';
import { Histogram } from '../metrics/histogram.js';
import type { OwnMetric } from '../metrics/own-metrics.js';
import { Lives } from './lives.js';
import type { Report, ReportedComponent } from './report.js';
import { TopologyState } from './status.js';

/** Of one topology, from when it was submitted to when it is killed. */
export class TopologyMetrics {
  readonly #lives = new Lives();
  #told = new HighWater();

  /** None before it has had processes. Counters begin anew when all of them do, as Prometheus expects it. */
  families({ name, restarts, figures }: Report): Family[] {
    if (figures === null) return [];
    const { components, workers, own } = figures;
    if (this.#lives.isNew(workers)) this.#told = new HighWater();
    const gauges = own.filter(({ type }) => type === 'gauge');
    const families = familiesOf({
      restarts,
      components: () => components.map(figuresOf),
      workers: () =>
        workers.map(({ worker, load, waitedMs }) => ({
          ...{ worker, load, waitedMs },
          gauges: gauges.filter((gauge) => gauge.worker === worker),
        })),
      ownCounters: (): OwnMetric[] => own.filter(({ type }) => type === 'counter'),
      receiverGauges: (): OwnMetric[] => gauges.filter(({ worker }) => worker === undefined),
    });
    return families.map((family) => labelled(held(family, this.#told), name));
  }
}

/** @param families of all topologies */
export const exposeCluster = (
  families: readonly Family[],
  states: readonly TopologyState[],
  supervisorUp: boolean,
): Promise<Exposition> =>
  expose(
    [
      ...families,
      {
        name: 'squall_nimbus_topologies',
        help: 'Topologies by state.',
        type: 'gauge',
        values: TopologyState.options.map((state) => ({
          labels: { state },
          value: states.filter((each) => each === state).length,
        })),
      },
      {
        name: 'squall_nimbus_supervisor_up',
        help: 'Whether the supervisor is there.',
        type: 'gauge',
        values: [{ labels: {}, value: supervisorUp ? 1 : 0 }],
      },
    ],
    {},
  );

function figuresOf(component: ReportedComponent) {
  const latency = Histogram.fromJSON(component.latency);
  // Metrics have the whole histogram.
  return { ...component, latency, latencyMs: { p50: null, p99: null } };
}

const labelled = (family: Family, topology: string): Family => ({
  ...family,
  values: family.values.map((sample) => ({
    ...sample,
    labels: { ...sample.labels, topology },
  })),
});
