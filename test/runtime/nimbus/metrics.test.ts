import { expect, test } from '@jest/globals';
import { BUILT_IN } from '../../../runtime/metrics/built-in.js';
import { exposeCluster, TopologyMetrics } from '../../../runtime/nimbus/metrics.js';
import { FUSED, lag, Reports } from './reports.js';

const SECOND = { components: { lines: { rows: 9 }, ask: { rows: 9, ownMs: 2 } } };

const linesOf = async (...args: Parameters<typeof exposeCluster>): Promise<string[]> =>
  (await exposeCluster(...args)).text.split('\n');

test('series of two topologies stand beside each other, each family once', async () => {
  const report = new Reports().after(SECOND);
  const other = { ...new Reports().after({}), name: 'other' };
  const families = [report, other].flatMap((each) => new TopologyMetrics().families(each));
  const lines = await linesOf(families, ['running', 'running'], true);
  for (const name of Object.keys(BUILT_IN))
    expect(lines.filter((line) => line.startsWith(`# TYPE squall_${name} `))).toHaveLength(1);
  expect(lines).toContain('squall_emitted_messages_total{component="lines",topology="web"} 9');
  expect(lines).toContain('squall_emitted_messages_total{component="lines",topology="other"} 0');
  expect(lines).toContain('squall_worker_up{worker="1",topology="other"} 1');
  expect(lines).toContain('squall_execute_latency_seconds_count{component="ask",topology="web"} 1');
});

test('a gauge keeps its worker, so that two workers do not hide each other', async () => {
  const own = [0, 1].map((worker) => ({ ...lag('lines', worker + 5), worker }));
  const { figures, ...rest } = new Reports().after({});
  const report = { ...rest, figures: { ...figures, own } };
  const lines = await linesOf(new TopologyMetrics().families(report), [], true);
  for (const [worker, value] of [
    [0, 5],
    [1, 6],
  ])
    expect(lines).toContain(
      `squall_kafka_lag_messages{component="lines",worker="${worker}",topology="web"} ${value}`,
    );
});

test('no counter of a topology goes back', async () => {
  const metrics = new TopologyMetrics();
  const series = 'squall_emitted_messages_total{component="lines",topology="web"}';
  metrics.families(new Reports().after(SECOND));
  const less = { components: { lines: { rows: 3 } } };
  const families = metrics.families(new Reports().after(less));
  expect(await linesOf(families, [], true)).toContain(`${series} 9`);
});

test('they begin anew when all its processes do, and are none before it has had any', async () => {
  const metrics = new TopologyMetrics();
  const series = 'squall_emitted_messages_total{component="lines",topology="web"}';
  const report = new Reports().after(SECOND);
  metrics.families(report);
  expect(metrics.families({ ...report, figures: null })).toEqual([]);
  const other = new Reports(FUSED, 200).after({ components: { lines: { rows: 3 } } });
  expect(await linesOf(metrics.families(other), [], true)).toContain(`${series} 3`);
});

test('nimbus counts topologies by state, and says whether the supervisor is there', async () => {
  const lines = await linesOf([], ['running', 'running', 'failed'], false);
  expect(lines).toContain('squall_nimbus_topologies{state="running"} 2');
  expect(lines).toContain('squall_nimbus_topologies{state="failed"} 1');
  expect(lines).toContain('squall_nimbus_topologies{state="draining"} 0');
  expect(lines).toContain('squall_nimbus_supervisor_up 0');
});
