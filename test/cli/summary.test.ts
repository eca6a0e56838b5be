import { expect, test } from '@jest/globals';
import { summaryOf, summaryText } from '../../cli/summary.js';
import type { RunResult } from '../../runtime/coordinator/run-request.js';
import { OwnMetrics } from '../../runtime/metrics/own-metrics.js';

const resultWith = (own: OwnMetrics): RunResult => ({
  outcome: 'completed',
  restarts: 0,
  components: [],
  ownCounters: own.snapshot(),
  outputs: ['out/a.avro'],
});

test('what components count of their own is in the summary, and for people only what there was', () => {
  const own = new OwnMetrics();
  const { counter } = own.of('udp');
  counter('udp_kernel_drops_total', 'Dropped.', { port: '514' }).add(1234);
  counter('udp_journal_drops_total', 'Dropped.');
  const summary = summaryOf('web', 1, 1000, resultWith(own));
  expect(summary.metrics).toEqual([
    { component: 'udp', name: 'udp_kernel_drops_total', labels: { port: '514' }, value: 1234 },
    { component: 'udp', name: 'udp_journal_drops_total', labels: {}, value: 0 },
  ]);
  expect(summaryText(summary).split('\n').slice(1)).toEqual([
    'udp: udp_kernel_drops_total{port="514"} 1,234',
    'Output: out/a.avro',
  ]);
});

test('a summary has no metrics when nothing counts any', () => {
  expect(summaryOf('web', 1, 1000, resultWith(new OwnMetrics()))).not.toHaveProperty('metrics');
});
