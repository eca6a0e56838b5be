/** Ten minutes of a component in three charts that share their time. @module */
import { useSignal } from '@preact/signals';
import type { ComponentStatus } from '../../runtime/nimbus/status.js';
import { milliseconds, percent, rate } from '../figures/format.js';
import type { Recent } from '../figures/recent.js';
import { Chart } from './chart.js';

interface HistoryOptions {
  readonly component: ComponentStatus;
  readonly limits: boolean;
  /** Null until it has come. */
  readonly recent: Recent | null;
}

export function HistoryCharts({ component, limits, recent }: HistoryOptions) {
  const pointed = useSignal<number | null>(null);
  const series = recent?.of(component.name);
  // A copy: of arrays that are the same ones, only longer, a chart would not see that they are.
  const shared = { atMs: [...(recent?.atMs ?? [])], pointed };
  return (
    <div class={limits ? 'charts limits' : 'charts'} role="group" aria-label="The last ten minutes">
      <Chart {...shared} title="Throughput" points={series?.rate ?? []} text={rate} most={null} />
      <Chart {...shared} title="p99" points={series?.p99Ms ?? []} text={milliseconds} most={null} />
      <Chart {...shared} title="Capacity" points={series?.capacity ?? []} text={percent} most={1} />
    </div>
  );
}
