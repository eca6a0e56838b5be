import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Derivation } from '../../../runtime/nimbus/derive.js';
import { TopologyStatus } from '../../../runtime/nimbus/status.js';
import { KNOWN, lag, Reports } from './reports.js';

const SECOND = {
  components: {
    lines: { rows: 50 },
    ask: { rows: 50, ownMs: 2, failed: 5 },
    store: { rows: 45, ownMs: 0.5 },
  },
};

test('what is said has the shape of the API, from the first report on', () => {
  const derivation = new Derivation();
  const reports = new Reports();
  for (const report of [reports.after({}), reports.after(SECOND)]) {
    const status = derivation.next(report, KNOWN);
    expect(TopologyStatus.parse(status)).toEqual(status);
    expect(status).toMatchObject({ name: 'web', workers: 2, reached: 3, ...KNOWN });
  }
});

test('rates are per second between two reports, by component, edge and in all', () => {
  const derivation = new Derivation();
  const reports = new Reports();
  const first = derivation.next(reports.after(SECOND), KNOWN);
  expect(first).toMatchObject({ emitted: 50, rates: { emitted: 0, acked: 0, failed: 0 } });
  reports.after(SECOND);
  const status = derivation.next(reports.after(SECOND), KNOWN);
  expect(status).toMatchObject({ emitted: 150, rates: { emitted: 50, acked: 50 } });
  expect(status.components.map(({ rates }) => rates.executed)).toEqual([50, 50, 45]);
  expect(status.components[1]).toMatchObject({ rates: { failed: 5 }, failedBy: { rejected: 15 } });
  expect(status.edges).toEqual([
    { from: 'lines', to: 'ask', stream: 'messages', grouping: 'shuffle', fused: true, rate: 50 },
    { from: 'ask', to: 'store', stream: 'messages', grouping: 'shuffle', fused: true, rate: 50 },
  ]);
});

test('counters never go back and rates are never below 0, whatever is reported', () => {
  const reported = fc.record({ rows: fc.nat(99), failed: fc.nat(9), elapsedMs: fc.integer() });
  fc.assert(
    fc.property(fc.array(reported, { minLength: 2, maxLength: 8 }), (all) => {
      const derivation = new Derivation();
      let before: TopologyStatus | undefined;
      for (const { rows, failed, elapsedMs } of all) {
        const report = new Reports().after({ components: { lines: { rows }, ask: { failed } } });
        const status = derivation.next({ ...report, atMs: elapsedMs }, KNOWN);
        expect(TopologyStatus.safeParse(status).error).toBeUndefined();
        expect(status.emitted).toBeGreaterThanOrEqual(before?.emitted ?? 0);
        expect(status.components[1]!.failedBy['rejected'] ?? 0).toBeGreaterThanOrEqual(
          before?.components[1]!.failedBy['rejected'] ?? 0,
        );
        before = status;
      }
    }),
  );
});

test('a lag is the sum over what spouts say of their sources, and null where none does', () => {
  const derivation = new Derivation();
  const report = new Reports().after({});
  expect(derivation.next(report, KNOWN).lag).toBeNull();
  const bytes = { ...lag('lines', 77), name: 'file_lag_bytes' };
  const own = [lag('lines', 3), lag('lines', 4), bytes];
  const status = derivation.next({ ...report, own }, KNOWN);
  expect([status.lag, ...status.components.map((each) => each.lag)]).toEqual([7, 7, null, null]);
});

test('latencies are those of the last ten seconds', () => {
  const derivation = new Derivation();
  const reports = new Reports();
  const after = (ownMs: number | undefined) =>
    derivation.next(reports.after({ components: { ask: { rows: 320, ownMs: ownMs! } } }), KNOWN)
      .components[1]!.latencyMs;
  for (let second = 0; second < 20; second++) expect(after(100).p99).toBeCloseTo(100, -1);
  for (let second = 0; second < 9; second++) after(1);
  expect(after(1).p50).toBeCloseTo(1, 1);
  for (let second = 0; second < 9; second++) after(1);
  expect(after(1).p99).toBeCloseTo(1, 1);
});

test('a worker that is dead is down, and counts with nothing', () => {
  const report = new Reports().after({ inFlight: 10, busyRatio: 0.5 });
  const [dead, ...others] = report.workers;
  const workers = [{ ...dead!, pid: null, load: null }, ...others];
  expect(new Derivation().next({ ...report, workers }, KNOWN).workerStatus).toEqual([
    { worker: 0, pid: null, up: false, inFlight: 0, outboxBytes: 0, busyRatio: 0 },
    { worker: 1, pid: 101, up: true, inFlight: 5, outboxBytes: 0, busyRatio: 0.5 },
  ]);
});
