/** What a real Prometheus sees of a run, while a worker of it is killed. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { afterEach, expect, jest, test } from '@jest/globals';
import { place, summaryIn, TEST_TIMEOUT_MS } from '../support/cli.js';
import { workersOf } from '../support/chaos/processes.js';
import { startPrometheus, type Prometheus, type Recorded } from '../support/services/prometheus.js';
import { freePorts, isInstalled } from '../support/services/service.js';

jest.setTimeout(TEST_TIMEOUT_MS);

/** Follows files, counts words of one length in one task each, and has a figure of its own. */
const METERED = `
import { z } from 'zod';
import { bolt, declassify, file, jsonLines, RawLine, reject, schema, text, topology } from 'squall';
import { reveal } from 'squall/reveal';

const Word = schema('word', { word: text() });
const split = bolt({
  reads: RawLine,
  emits: { words: Word },
  lineage: { words: { word: declassify('number', {}, 'line') } },
  open: ({ counter, gauge, worker }) => {
    const odd = counter('odd_lines_total', 'Lines that are odd.', { kind: 'odd' });
    gauge('worker_number', 'The worker it is in.').set(worker);
    return {
      process(row, emit) {
        const word = reveal(row.line);
        if (word.endsWith('7')) reject('a seven');
        if (Number(word) % 2 === 1) odd.add();
        emit.words({ word });
      },
    };
  },
});

export default topology('metered', { params: z.object({ input: z.string() }) }, (t, { input }) => {
  const lines = t.spout('lines', file({ path: input, follow: true }));
  const { words } = t.bolt('split', split, { from: lines.shuffle() });
  t.sink('store', jsonLines({ dir: 'words' }), { from: words.by('word') });
});
`;

const FILES = 4;
const LINES = 5000;

const has = isInstalled('prometheus', 'prometheus');
let prometheus: Prometheus | undefined;
afterEach(() => prometheus?.stop());

(has ? test : test.skip)(
  'its totals are those of the summary, and no counter goes back, though a worker is killed',
  async () => {
    const here = place();
    here.write('metered.ts', METERED);
    mkdirSync(here.path('logs'));
    const write = (): void => {
      for (let i = 0; i < FILES; i++)
        appendFileSync(
          here.path(`logs/${i}.log`),
          Array.from({ length: LINES }, (_, n) => `${n}\n`).join(''),
        );
    };
    write();
    const [port] = await freePorts(1);
    prometheus = await startPrometheus(`127.0.0.1:${port}`);
    const { value, recorded } = prometheus;
    const running = here.start([
      ...['run', 'metered.ts', '--set', `input=${here.path('logs/*.log')}`, '--workers', '2'],
      ...['--metrics-port', `${port}`, '--json'],
    ]);
    await running.until(async () => (await value('squall_acked_messages_total')) > 0);
    write();
    await running.until(async () => (await value('squall_acked_messages_total')) > FILES * LINES);
    process.kill(workersOf(running.pid)[0]!, 'SIGKILL');
    write();
    const settled = 'squall_acked_messages_total + squall_dead_letters_total';
    await running.until(async () => (await value(settled)) === 3 * FILES * LINES);
    // Workers report twice a second, each at its time: two seconds later all have.
    await running.until(async () => (await recorded(COUNTERS)).every(isStill));

    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const check = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect({ status: check.status, said: check.stdout + check.stderr }).toEqual({
      status: 0,
      said: '',
    });

    const all = await recorded('{__name__=~"squall_.+"}');
    running.signal('SIGTERM');
    const { code, ...ended } = await running.ended;
    const summary = summaryIn({ code, ...ended });
    const { emitted, acked, deadLetters, replayed, failed, restarts, components } = summary;
    expect({ code, emitted, restarts }).toEqual({
      code: 3,
      emitted: 3 * FILES * LINES,
      restarts: 1,
    });
    const total = (name: string, ...labels: string[]): number =>
      totalOf(all, `squall_${name}`, labels);
    expect({
      emitted: total('emitted_messages_total'),
      acked: total('acked_messages_total'),
      deadLetters: total('dead_letters_total'),
      replayed: total('replayed_attempts_total'),
      failed: total('failed_attempts_total'),
      restarts: total('worker_restarts_total'),
    }).toEqual({ emitted, acked, deadLetters, replayed, failed, restarts });
    for (const { name, role, executed, emitted, acked, failed } of components) {
      if (role === 'spout') continue;
      expect({
        name,
        executed: total('executed_rows_total', name),
        emitted: total('emitted_rows_total', name),
        acked: total('acked_rows_total', name),
        failed: total('failed_rows_total', name),
      }).toEqual({ name, executed, emitted, acked, failed });
    }
    const odd = { component: 'split', name: 'odd_lines_total', labels: { kind: 'odd' } };
    expect(summary.metrics).toEqual([{ ...odd, value: total('odd_lines_total', 'split', 'odd') }]);
    expect(total('worker_number', 'split')).toBe(1);
    expect(total('file_lag_bytes', 'lines')).toBe(0);

    const goesBack = ({ values }: Recorded): boolean =>
      values.some((one, i) => one < values[i - 1]!);
    const counters = all.filter(({ labels }) =>
      /_(total|bucket|count|sum)$/.test(labels['__name__']!),
    );
    expect(counters.length).toBeGreaterThan(50);
    expect(counters.filter(goesBack)).toEqual([]);
  },
);

test('a port that is taken, or no port at all, is refused before anything starts', async () => {
  const here = place();
  const hello = ['run', 'canonicalize', '--set', 'lines=3'];
  const refused = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await here.squall([...hello, ...args]);
    expect(code).toBe(2);
    return stderr;
  };
  expect(await refused('--metrics-port', '70000')).toContain('a whole number from 0 to 65535');
  const first = here.start(['run', 'canonicalize', '--metrics-port', '0']);
  const url = (): string | undefined => /metrics are at (\S+)/.exec(first.stderr())?.[1];
  await first.until(() => url() !== undefined);
  const { port } = new URL(url()!);
  expect(await refused('--metrics-port', port, '--state', 'other')).toBe(
    `Metrics cannot be served at 127.0.0.1, port ${port}: another program listens there. Give another --metrics-port (0 for any that is free) or --metrics-host.\n`,
  );
});

const COUNTERS = '{__name__=~"squall_.+_total"}';

/** Whether it was the same in the last eight scrapes, which are two seconds. */
const isStill = ({ values }: Recorded): boolean =>
  values.length >= 8 && new Set(values.slice(-8)).size === 1;

/** Of all series of that name with these values of labels, what they were last. */
const totalOf = (all: readonly Recorded[], name: string, labels: readonly string[]): number =>
  all
    .filter((each) => each.labels['__name__'] === name)
    .filter((each) => labels.every((label) => Object.values(each.labels).includes(label)))
    .reduce((sum, { values }) => sum + values.at(-1)!, 0);
