import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Figures } from '../../../runtime/coordinator/figures.js';
import { Metrics } from '../../../runtime/coordinator/metrics.js';
import { BUILT_IN } from '../../../runtime/metrics/built-in.js';
import { Counters } from '../../../runtime/metrics/counters.js';
import { OwnMetrics } from '../../../runtime/metrics/own-metrics.js';
import { place } from '../../../runtime/planner/place.js';
import { planOf } from '../planner/support.js';
import { IDLE } from './fake-workers.js';

const placement = place(
  planOf({
    in: {},
    bolt: { from: { in: 'shuffle' }, emits: ['good', 'bad'] },
    out: { role: 'sink', from: { bolt: 'by' } },
  }),
  2,
);

/** A run of two workers, whose reports a test makes up. */
function running(): {
  figures: Figures;
  scrape: () => Promise<Map<string, number>>;
  text: () => Promise<string>;
} {
  const figures = new Figures(placement, new Map());
  const metrics = new Metrics('web', {
    restarts: 3,
    components: () => figures.components(),
    workers: () => figures.workers(),
    ownCounters: () => figures.ownCounters(),
    receiverGauges: () => figures.receiverGauges(),
  });
  const text = async (): Promise<string> => (await metrics.expose()).text;
  return { figures, text, scrape: async () => seriesIn(await text()) };
}

/** By series, its value. */
const seriesIn = (text: string): Map<string, number> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [
        line.slice(0, line.lastIndexOf(' ')),
        Number(line.slice(line.lastIndexOf(' ') + 1)),
      ]),
  );

function report(count: (counters: Counters) => void, own = new OwnMetrics(), load = IDLE) {
  const counters = new Counters(placement.nodes.length, [0, 2, 0]);
  count(counters);
  return { counters: counters.snapshot(), reasons: [], own: own.snapshot(), load };
}

test('every metric has a help text, a type and the topology, before anything is counted', async () => {
  const { text } = running();
  const lines = (await text()).split('\n');
  for (const [name, [type, help]] of Object.entries(BUILT_IN)) {
    expect(lines).toContain(`# HELP squall_${name} ${help}`);
    expect(lines).toContain(`# TYPE squall_${name} ${type}`);
  }
  for (const line of lines) expect(line).toMatch(/^$|^#|\{.*topology="web".*\} \S+$/);
});

test('messages are counted by spout, rows by bolt and sink, failures by why', async () => {
  const { figures, scrape } = running();
  const counted = report((counters) => {
    for (let i = 0; i < 3; i++) {
      for (const what of ['acked', 'executed', 'replayed', 'deadLetters'] as const)
        counters[what][i] = i + 1;
      counters.fail(i, 'failed', 5);
      counters.fail(i, 'rejected', 7);
    }
    counters.emitted[0] = 1;
    counters.streams[1]!.set([3, 4]);
    counters.fail(0, 'timeout', 11);
    counters.fail(0, 'worker-lost', 13);
    counters.fail(0, 'blocked', 15);
  });
  figures.update(0, counted);
  figures.update(1, counted);
  const series = await scrape();
  const of = (component: string): Record<string, number> => {
    const end = new RegExp(
      `^squall_(\\w+)_total\\{component="${component}",(?:(?:reason|stream)="(.*)",)?topology`,
    );
    const found = [...series].flatMap(([name, value]) => {
      const [match, what, reason] = end.exec(name) ?? [];
      return match === undefined
        ? []
        : [[reason === undefined ? what : `${what} ${reason}`, value]];
    });
    return Object.fromEntries(found) as Record<string, number>;
  };
  expect(of('in')).toEqual({
    emitted_messages: 2,
    acked_messages: 2,
    dead_letters: 2,
    attempts: 2,
    replayed_attempts: 2,
    'failed_attempts failed': 10,
    'failed_attempts rejected': 14,
    'failed_attempts timeout': 22,
    'failed_attempts worker-lost': 26,
    'failed_attempts blocked': 30,
    'failed_attempts out-of-memory': 0,
    'failed_attempts killed-worker': 0,
  });
  const failed = { 'failed_rows failed': 10, 'failed_rows rejected': 14 };
  expect(of('bolt')).toEqual({
    executed_rows: 4,
    'emitted_rows good': 6,
    'emitted_rows bad': 8,
    acked_rows: 4,
    ...failed,
  });
  expect(of('out')).toEqual({ executed_rows: 6, acked_rows: 6, ...failed });
  expect(series.get('squall_worker_restarts_total{topology="web"}')).toBe(3);
});

test('no counter goes back, whenever workers die and are scraped, and each ends at what was counted', async () => {
  const step = fc.record({ worker: fc.nat(1), acked: fc.nat(9), dies: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const { figures, scrape } = running();
      const lives = [0, 1].map(() => ({ acked: 0, committed: 0 }));
      const tell = (worker: number): void =>
        figures.update(
          worker,
          report(({ emitted, acked }) => (emitted[0] = acked[0] = lives[worker]!.acked)),
        );
      let before = new Map<string, number>();
      const look = async (): Promise<void> => {
        const now = await scrape();
        for (const [name, value] of before)
          if (name.includes('_total'))
            expect([name, now.get(name)! >= value]).toEqual([name, true]);
        before = now;
      };
      for (const { worker, acked, dies } of steps) {
        const life = lives[worker]!;
        if (!dies) life.committed = life.acked;
        life.acked += acked;
        tell(worker);
        await look();
        if (!dies) continue;
        figures.retire(worker);
        await look();
        const done = life.acked;
        life.acked = life.committed;
        tell(worker);
        await look();
        // The next life does again what was not committed.
        life.acked = life.committed = done;
      }
      for (const worker of [0, 1]) tell(worker);
      await look();
      expect(before.get('squall_acked_messages_total{component="in",topology="web"}')).toBe(
        lives[0]!.acked + lives[1]!.acked,
      );
    }),
    { numRuns: 30 },
  );
});

test('a worker tells how busy it is while it lives; what it waited stays', async () => {
  const { figures, scrape } = running();
  const load = { inFlight: 5, outboxBytes: 700, waitedMs: 1500, busyRatio: 0.25 };
  figures.update(
    1,
    report(() => {}, undefined, load),
  );
  const ofWorker = async (worker: number): Promise<Record<string, number>> =>
    Object.fromEntries(
      [...(await scrape())].flatMap(([name, value]) =>
        name.includes(`worker="${worker}"`) ? [[name.slice(7, name.indexOf('{')), value]] : [],
      ),
    );
  const gauges = { worker_up: 1, in_flight_messages: 5, outbox_bytes: 700, busy_ratio: 0.25 };
  expect(await ofWorker(1)).toEqual({ ...gauges, backpressure_seconds_total: 1.5 });
  figures.retire(1);
  expect(await ofWorker(1)).toEqual({ worker_up: 0, backpressure_seconds_total: 1.5 });
  expect(await ofWorker(0)).toEqual({ worker_up: 0, backpressure_seconds_total: 0 });
});

test('what components count of their own stands beside it: counters over all workers, gauges of each', async () => {
  const { figures, scrape } = running();
  for (const worker of [0, 1]) {
    const own = new OwnMetrics();
    for (const component of ['in', 'out']) {
      own
        .of(component)
        .counter('drops_total', 'Dropped.', { port: '"1"' })
        .add(worker + 1);
      own
        .of(component)
        .gauge('lag_messages', 'Lag.')
        .set(worker + 8);
    }
    figures.update(
      worker,
      report(() => {}, own),
    );
  }
  const series = await scrape();
  for (const component of ['in', 'out']) {
    const drops = `squall_drops_total{component="${component}",port="\\"1\\"",topology="web"}`;
    expect(series.get(drops)).toBe(3);
    for (const worker of [0, 1]) {
      const lag = `squall_lag_messages{component="${component}",worker="${worker}",topology="web"}`;
      expect(series.get(lag)).toBe(worker + 8);
    }
  }
});

test('latencies are histograms per component, in seconds', async () => {
  const { figures, scrape } = running();
  figures.update(
    0,
    report(({ latency }) => {
      for (const ms of [0.5, 1.5, 90_000]) latency[0]!.addMs(ms);
      latency[2]!.addMs(0.0301);
    }),
  );
  const series = await scrape();
  const of = (component: string, what: string): Record<string, number> => {
    const pattern = new RegExp(
      `^squall_${what}_latency_seconds_(\\w+)\\{component="${component}",(?:le="(.*)",)?top`,
    );
    return Object.fromEntries(
      [...series].flatMap(([name, value]) => {
        const [match, part, le] = pattern.exec(name) ?? [];
        return match === undefined ? [] : [[le ?? part, value]];
      }),
    ) as Record<string, number>;
  };
  expect(of('in', 'complete')).toMatchObject({ 0.001: 1, 0.002: 2, 60: 2, '+Inf': 3, count: 3 });
  expect(of('in', 'complete')['sum']! / 90).toBeCloseTo(1, 1);
  expect(of('out', 'execute')).toMatchObject({ 0.00002: 0, 0.00005: 1, 1: 1, '+Inf': 1, count: 1 });
  expect(of('bolt', 'execute')).toMatchObject({ '+Inf': 0, sum: 0, count: 0 });
});
