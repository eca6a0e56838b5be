import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Derivation, type Measurements } from '../../../runtime/nimbus/derive.js';
import { TopologyStatus } from '../../../runtime/nimbus/status.js';
import { FUSED, lag, Reports } from './reports.js';

const Measured = TopologyStatus.partial();

const SECOND = {
  components: {
    lines: { rows: 50 },
    ask: { rows: 50, ownMs: 2, failed: 5 },
    store: { rows: 45, ownMs: 0.5 },
  },
};

test('what is said has the shape of the API, from the first report on, and without processes', () => {
  const derivation = new Derivation();
  const reports = new Reports();
  const ended = { state: 'drained' as const, figures: null, atMs: 9000 };
  for (const report of [ended, reports.after({}), reports.after(SECOND), ended]) {
    const measured = derivation.next(report, FUSED);
    expect(Measured.parse(measured)).toEqual(measured);
    expect(measured.components.map(({ taskWorkers }) => taskWorkers)).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
  }
});

test('what was counted stays when it has no processes, and goes on with the next ones', () => {
  const derivation = new Derivation();
  const first = new Reports();
  const rates = (measured: Measurements) => measured.components.map((each) => each.rates.executed);
  derivation.next(first.after(SECOND), FUSED);
  const ended = derivation.next({ state: 'drained', figures: null, atMs: 7000 }, FUSED);
  expect([ended.emitted, ended.components[1]!.executed]).toEqual([50, 50]);
  const second = new Reports(FUSED, 200);
  // Spouts go on from what they have committed.
  second.after({ components: { lines: { rows: 50 } } });
  second.after({});
  expect(derivation.next(second.after({}), FUSED).components[1]!.executed).toBe(50);
  const measured = derivation.next(second.after(SECOND), FUSED);
  expect(measured.components[1]).toMatchObject({ executed: 100, failedBy: { rejected: 10 } });
  expect(rates(measured)).toEqual([50, 50, 45]);
});

test('what spouts have committed is counted once, however often all workers are others; after a completion they begin anew', () => {
  const derivation = new Derivation();
  derivation.next(new Reports().after({ components: { lines: { rows: 50 } } }), FUSED);
  const second = new Reports(FUSED, 200);
  // Of its messages 10 were not committed, and are read again.
  const begun = derivation.next(second.after({ components: { lines: { rows: 40 } } }), FUSED);
  expect([begun.emitted, begun.acked]).toEqual([50, 50]);
  const again = derivation.next(second.after({ components: { lines: { rows: 30 } } }), FUSED);
  expect([again.emitted, again.acked]).toEqual([70, 70]);
  derivation.next({ state: 'completed', figures: null, atMs: 9000 }, FUSED);
  const third = new Reports(FUSED, 300).after({ components: { lines: { rows: 5 } } });
  expect(derivation.next(third, FUSED).emitted).toBe(75);
});

test('nothing is counted twice when another supervisor takes the workers over', () => {
  const derivation = new Derivation();
  const reports = new Reports();
  reports.after(SECOND);
  const report = reports.after(SECOND);
  derivation.next(report, FUSED);
  // It has not heard them yet; then it has.
  const unheard = { ...new Reports().after({}), atMs: 10 };
  expect(derivation.next(unheard, FUSED).components[1]!.executed).toBe(100);
  const heard = derivation.next({ ...report, atMs: 1010 }, FUSED);
  expect(heard.components[1]).toMatchObject({ executed: 100, rates: { executed: 0 } });
});

test('rates are per second between two reports, by component, edge and in all', () => {
  const derivation = new Derivation();
  const reports = new Reports();
  const first = derivation.next(reports.after(SECOND), FUSED);
  expect(first).toMatchObject({ emitted: 50, rates: { emitted: 0, acked: 0, failed: 0 } });
  reports.after(SECOND);
  const status = derivation.next(reports.after(SECOND), FUSED);
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
      let before: Measurements | undefined;
      for (const { rows, failed, elapsedMs } of all) {
        const report = new Reports().after({ components: { lines: { rows }, ask: { failed } } });
        const status = derivation.next({ ...report, atMs: elapsedMs }, FUSED);
        expect(Measured.safeParse(status).error).toBeUndefined();
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
  const { figures, ...rest } = new Reports().after({});
  expect(derivation.next({ ...rest, figures }, FUSED).lag).toBeNull();
  const bytes = { ...lag('lines', 77), name: 'file_lag_bytes' };
  const own = [lag('lines', 3), lag('lines', 4), bytes];
  const status = derivation.next({ ...rest, figures: { ...figures, own } }, FUSED);
  expect([status.lag, ...status.components.map((each) => each.lag)]).toEqual([7, 7, null, null]);
});

test('latencies are those of the last ten seconds', () => {
  const derivation = new Derivation();
  const reports = new Reports();
  const after = (ownMs: number | undefined) =>
    derivation.next(reports.after({ components: { ask: { rows: 320, ownMs: ownMs! } } }), FUSED)
      .components[1]!.latencyMs;
  for (let second = 0; second < 20; second++) expect(after(100).p99).toBeCloseTo(100, -1);
  for (let second = 0; second < 9; second++) after(1);
  expect(after(1).p50).toBeCloseTo(1, 1);
  for (let second = 0; second < 9; second++) after(1);
  expect(after(1).p99).toBeCloseTo(1, 1);
});

test('a worker that is dead is down, and counts with nothing', () => {
  const { figures, ...rest } = new Reports().after({ inFlight: 10, busyRatio: 0.5 });
  const [dead, ...others] = figures.workers;
  const workers = [{ ...dead!, pid: null, load: null }, ...others];
  expect(
    new Derivation().next({ ...rest, figures: { ...figures, workers } }, FUSED).workerStatus,
  ).toEqual([
    { worker: 0, pid: null, up: false, inFlight: 0, outboxBytes: 0, busyRatio: 0 },
    { worker: 1, pid: 101, up: true, inFlight: 5, outboxBytes: 0, busyRatio: 0.5 },
  ]);
});
