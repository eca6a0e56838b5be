/** Metrics as data, and as the text that Prometheus reads (version 0.0.4), which prom-client writes. @module */
import { AggregatorRegistry } from 'prom-client';

/** One metric with its series, as prom-client has it as JSON. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly values: readonly Sample[];
}

export interface Sample {
  readonly labels: { readonly [label: string]: string | number };
  readonly value: number;
  /** Where it is not the family's: `<name>_bucket`, `<name>_sum` and `<name>_count` of a histogram. */
  readonly metricName?: string;
}

export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/**
 * Families of one name become one, with the help and the type of the first.
 *
 * @param labels stand on every series
 */
export async function expose(
  families: readonly Family[],
  labels: Sample['labels'],
): Promise<Exposition> {
  const registry = AggregatorRegistry.aggregate([
    families.map((family) => ({ ...family, aggregator: 'first' })),
  ]);
  registry.setDefaultLabels(labels);
  return { contentType: registry.contentType, text: await registry.metrics() };
}
