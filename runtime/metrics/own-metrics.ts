/**
 * Figures that components count beside those that every component has, e.g. datagrams that the kernel dropped.
 *
 * @module
 */
import type { Context, Gauge, Labels } from '../../topology/dsl/context.js';
import { BUILT_IN } from './built-in.js';

/** One series, as JSON. A name has one type and one help text, and is the same for all tasks of a component. */
export interface OwnMetric {
  readonly component: string;
  readonly type: 'counter' | 'gauge';
  /** Without the `squall_` that goes before it. */
  readonly name: string;
  readonly help: string;
  readonly labels: Labels;
  readonly value: number;
}

/**
 * Series of one worker, so that a label with many values does not fill the memory. Counters that come after them are added up
 * under labels `other`. Gauges cannot be: they are left out, and it is counted how often one was set.
 */
const SERIES_MAX = 1000;
/** One that is being counted. */
type Series = { -readonly [K in keyof OwnMetric]: OwnMetric[K] };

const NAME = /^[a-z][a-z0-9_]*$/;

export class OwnMetrics {
  readonly #series = new Map<string, Series>();

  /** What the context of a component's tasks has of them. */
  of(component: string): Pick<Context, 'counter' | 'gauge'> {
    return {
      counter: (name, help, labels = {}) => {
        const series = this.#open(component, 'counter', name, help, labels);
        return { add: (by = 1) => void (series.value += finite(name, by, 0)) };
      },
      gauge: (name, help, labels = {}) => {
        if (this.#isFull(component, name, labels)) return this.#leftOut(component, name);
        const series = this.#open(component, 'gauge', name, help, labels);
        const key = seriesKey(component, name, labels);
        return {
          set: (value) => {
            series.value = finite(name, value);
            this.#series.set(key, series);
          },
          remove: () => void this.#series.delete(key),
        };
      },
    };
  }

  snapshot(): OwnMetric[] {
    return [...this.#series.values()].map((series) => ({ ...series }));
  }

  #isFull(component: string, name: string, labels: Labels): boolean {
    const known = this.#series.has(seriesKey(component, name, labels));
    return !known && this.#series.size >= SERIES_MAX && Object.keys(labels).length > 0;
  }

  #leftOut(component: string, metric: string): Gauge {
    const times = this.#open(component, 'counter', LEFT_OUT, LEFT_OUT_HELP, {});
    return { set: (value) => void (finite(metric, value), times.value++), remove: () => {} };
  }

  #open(
    component: string,
    type: OwnMetric['type'],
    name: string,
    help: string,
    labels: Labels,
  ): Series {
    refuse(name, labels);
    const key = seriesKey(component, name, labels);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const names = Object.keys(labels);
    if (this.#series.size >= SERIES_MAX && names.some((label) => labels[label] !== OTHER)) {
      const others = Object.fromEntries(names.map((label) => [label, OTHER]));
      return this.#open(component, type, name, help, others);
    }
    const series = { component, type, name, help, labels, value: 0 };
    this.#series.set(key, series);
    return series;
  }
}

/** What several workers, or several lives of one, have counted together. Gauges are left out: each is its worker's. */
export function addCounters(all: Iterable<OwnMetric>): OwnMetric[] {
  const sums = new Map<string, OwnMetric>();
  for (const metric of all) {
    if (metric.type !== 'counter') continue;
    const key = seriesKey(metric.component, metric.name, metric.labels);
    sums.set(key, { ...metric, value: metric.value + (sums.get(key)?.value ?? 0) });
  }
  return [...sums.values()];
}

const OTHER = 'other';
const LEFT_OUT = 'gauges_left_out_total';
const LEFT_OUT_HELP =
  'Times that a gauge was set and not shown, as its worker has too many series.';

/** @throws RangeError for what would spoil the series for good, or all that is scraped with it */
function finite(name: string, value: number, min = -Infinity): number {
  if (Number.isFinite(value) && value >= min) return value;
  throw new RangeError(
    `The metric "${name}" takes finite numbers${min === 0 ? ' from 0' : ''}, and nothing else.`,
  );
}

/** @throws Error when Prometheus, or who reads it, would take them for something else */
function refuse(name: string, labels: Labels): void {
  for (const each of [name, ...Object.keys(labels)])
    if (!NAME.test(each))
      throw new Error(
        `The metric or label "${each}" must be named with a-z, 0-9 and _, as Prometheus does.`,
      );
  const taken = Object.hasOwn(BUILT_IN, name)
    ? name
    : Object.keys(labels).find((label) => LABELS_OF_OURS.includes(label));
  if (taken !== undefined)
    throw new Error(
      `The name "${taken}" is taken: every run has it. Give the metric or label another one.`,
    );
}

const LABELS_OF_OURS = ['topology', 'component', 'worker'];

const seriesKey = (component: string, name: string, labels: Labels): string =>
  JSON.stringify([
    component,
    name,
    Object.keys(labels)
      .sort()
      .map((label) => [label, labels[label]]),
  ]);
