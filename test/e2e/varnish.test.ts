/** The Varnish spout and a real varnishd. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { readCommits } from '../../runtime/state/commits.js';
import {
  place,
  summaryIn,
  TEST_TIMEOUT_MS,
  type Ended,
  type Place,
  type Running,
} from '../support/cli.js';
import { isRunning, workersOf } from '../support/chaos/processes.js';
import { load, type Sent } from '../support/http-load.js';
import { jsonRows, type Stored } from '../support/outputs.js';
import { isInstalled } from '../support/services/service.js';
import { isRead, parentOf, readerOf, varnish, type Varnish } from '../support/services/varnish.js';
import { hits, JSON_FORMAT, lines, requests } from './varnish-topologies.js';

jest.setTimeout(TEST_TIMEOUT_MS);

const withVarnish = isInstalled('varnishd', 'varnish') ? describe : describe.skip;
const vcl = resolve('config/varnish/pixel.vcl');
const WHOLE = 'vsl_reclen=4084';
const started: Varnish[] = [];

afterEach(async () => {
  for (const service of started.splice(0)) await service.remove();
});

async function start(...parameters: string[]): Promise<Varnish> {
  const service = await varnish({ vcl, parameters });
  started.push(service);
  return service;
}

/** Requests that differ in every field, numbered from `first`. */
const numbered = (count: number, first = 0): Sent[] =>
  Array.from({ length: count }, (_, i) => {
    const seq = first + i;
    return {
      method: seq % 5 === 0 ? 'HEAD' : 'GET',
      url: `/event.gif?n=${seq}&e=%7B%22a%22:${seq % 7}%7D${'x'.repeat(seq % 300)};`,
      headers: {
        'X-Seq': String(seq),
        'User-Agent': `agent/${seq % 11} (a "quoted" \\ thing)`,
        'X-Note': seq % 3 === 0 ? '\tnaïve – ☃' : `${seq}`,
      },
    };
  });

/** What is to be stored of a request. */
const stored = ({ method, url, headers = {} }: Sent): Stored => ({
  status: 204,
  method,
  seq: Number(headers['X-Seq']),
  agent: headers['User-Agent'],
  note: Buffer.from(headers['X-Note']!.trim(), 'latin1').toString(),
  url,
});

/** As bytes on the wire. */
const utf8 = (sent: Sent[]): Sent[] =>
  sent.map((each) => ({
    ...each,
    headers: {
      ...each.headers,
      'X-Note': Buffer.from(each.headers!['X-Note']!).latin1Slice(),
    },
  }));

const run = (here: Place, topology: string): Running => {
  here.write('tail.mjs', topology);
  return here.start(['run', 'tail.mjs', '--workers', '1', '--json']);
};

const reads = (running: Running, { instance }: Varnish): Promise<void> =>
  running.until(() => isRead(instance));

const acks = (running: Running, here: Place, count: number): Promise<void> =>
  running.until(
    async () => (await readCommits(here.path('.squall/tail'), 'varnish')).counters.acked >= count,
  );

async function stopped(running: Running): Promise<Ended & { rows: Stored[] }> {
  running.signal('SIGTERM');
  const ended = await running.ended;
  expect({ code: ended.code, stderr: ended.stderr }).toMatchObject({ code: 0 });
  return { ...ended, rows: jsonRows(summaryIn(ended).outputs) };
}

/** Of the rows that are in a file by now. */
const seqsStored = (here: Place): number[] =>
  readdirSync(here.path('out'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'))
    .flatMap((text) => [...text.matchAll(/"seq":(\d+)\b.*\n/g)].map(([, seq]) => Number(seq)));

/** What the run counted of its own. */
const figure = (ended: Ended, name: string): number =>
  summaryIn(ended).metrics?.find((metric) => metric.name === name)?.value ?? 0;

const bySeq = (rows: readonly Stored[]): Stored[] =>
  rows.toSorted((a, b) => Number(a['seq']) - Number(b['seq']));

withVarnish('varnish', () => {
  test('20,000 requests are 20,000 rows, with the fields that were sent', async () => {
    const server = await start(WHOLE);
    const here = place();
    const running = run(here, hits({ name: server.instance, query: 'ReqURL ~ "^/event"' }));
    await running.until(() => running.stderr().includes('varnishncsa reads the log'));
    const sent = utf8(numbered(20_000));
    await load(server.port, [...sent, { url: '/answers' }]);
    await acks(running, here, sent.length);
    const { rows, stderr, ...ended } = await stopped(running);
    expect(bySeq(rows)).toEqual(sent.map(stored));
    expect(stderr).toContain('vsl_reclen, which is 4084 bytes');
    expect(stderr).not.toContain('To raise it');
    expect(figure({ ...ended, stderr }, 'varnish_log_overruns_total')).toBe(0);
  });

  test('every request is a row once the run has said that it reads the log', async () => {
    const server = await start(WHOLE);
    const here = place();
    const running = run(here, hits({ name: server.instance, query: 'ReqURL ~ "^/event"' }));
    await running.until(() =>
      / reads the log: requests are read from now on/.test(running.stderr()),
    );
    const sent = utf8(numbered(20));
    await load(server.port, [...sent, { url: '/answers' }]);
    await acks(running, here, sent.length);
    expect(bySeq((await stopped(running)).rows)).toEqual(sent.map(stored));
  });

  test.each(['ncsa', 'log'])(
    'Varnish restarted in the middle is read on, and what was logged before and after is there (%s)',
    async (mode) => {
      const server = await start(WHOLE);
      const here = place();
      const topology = mode === 'ncsa' ? hits : requests;
      const running = run(
        here,
        topology({ mode, name: server.instance, query: 'ReqURL ~ "^/event"' }),
      );
      await reads(running, server);
      const before = utf8(numbered(500));
      await load(server.port, before);
      await acks(running, here, before.length);
      await server.stop();
      await server.start();
      // A reader may see only when Varnish is there again that it had gone.
      await running.until(() => running.stderr().includes('Log reacquired'));
      expect(running.stderr()).toContain('Log abandoned');
      await reads(running, server);
      const after = utf8(numbered(500, before.length));
      await load(server.port, after);
      await acks(running, here, before.length + after.length);
      const ended = await stopped(running);
      const seqs = ended.rows.map((row) => (mode === 'ncsa' ? Number(row['seq']) : seqOf(row)));
      expect(seqs.toSorted((one, other) => one - other)).toEqual([...seqs.keys()]);
      expect(seqs).toHaveLength(before.length + after.length);
      expect(figure(ended, 'varnish_log_abandoned_total')).toBe(1);
      expect(figure(ended, 'varnish_reader_restarts_total')).toBe(0);
    },
  );

  test('a reader that slept while the log went round is told of, counted, and reads on', async () => {
    const server = await start('vsl_space=1M');
    const here = place();
    const running = run(here, hits({ name: server.instance, query: 'ReqURL ~ "^/event"' }));
    await reads(running, server);
    const before = utf8(numbered(100));
    await load(server.port, before);
    await acks(running, here, before.length);
    const reader = readerOf(server.instance)!;
    process.kill(reader, 'SIGSTOP');
    await load(server.port, utf8(numbered(5000, 100))).finally(() =>
      process.kill(reader, 'SIGCONT'),
    );
    await running.until(() => running.stderr().includes('Log overrun'));
    await running.until(() => running.stderr().includes('Log reacquired'));
    await reads(running, server);
    const after = utf8(numbered(100, 5100));
    await load(server.port, after);
    await running.until(() => seqsStored(here).filter((seq) => seq >= 5100).length === 100);
    const ended = await stopped(running);
    const seqs = ended.rows.map(({ seq }) => Number(seq));
    expect(seqs.filter((seq) => seq < 100 || seq >= 5100)).toHaveLength(200);
    expect(seqs.length).toBeLessThan(5200);
    expect(figure(ended, 'varnish_log_overruns_total')).toBe(1);
    expect(ended.stderr).toMatch(/requests are lost \(varnish_log_overruns_total\)/);
  });

  test('kill -9 of a worker loses nothing of what Varnish logs meanwhile, in either mode', async () => {
    const server = await start(WHOLE);
    for (const topology of [hits, requests]) {
      const mode = topology === hits ? 'ncsa' : 'log';
      const here = place();
      const name = server.instance;
      const running = run(here, topology({ mode, name, query: 'ReqURL ~ "^/event"' }));
      await reads(running, server);
      const sent = utf8(numbered(2000));
      const loading = load(server.port, sent);
      process.kill(workersOf(running.pid)[0]!, 'SIGKILL');
      await loading;
      await acks(running, here, sent.length);
      const ended = await stopped(running);
      expect(summaryIn(ended).restarts).toBe(1);
      const seqs = new Set(ended.rows.map((row) => (mode === 'ncsa' ? row['seq'] : seqOf(row))));
      expect(seqs.size).toBe(sent.length);
    }
  });

  test('a request of varnishlog is a row with its tags, and what was sent is in them', async () => {
    const server = await start(WHOLE);
    const here = place();
    const running = run(here, requests({ mode: 'log', name: server.instance }));
    await reads(running, server);
    const sent = utf8(numbered(1000));
    await load(server.port, sent);
    await acks(running, here, sent.length);
    const { rows } = await stopped(running);
    const read = rows.toSorted((a, b) => seqOf(a) - seqOf(b));
    expect(read.map(({ incomplete, cut }) => [incomplete, cut])).toEqual(
      sent.map(() => [false, []]),
    );
    expect(read.map((row) => tagsOf(row, 'ReqURL')[0])).toEqual(sent.map(({ url }) => url));
    expect(read.map((row) => tagsOf(row, 'ReqMethod')[0])).toEqual(
      sent.map(({ method }) => method),
    );
    const notes = sent.map((each) => `X-Note: ${String(stored(each)['note'])}`);
    const found = read.map((row) => tagsOf(row, 'ReqHeader').find((it) => it.startsWith('X-Note')));
    expect(found.map((note) => note!.replace(/: \s*/, ': '))).toEqual(notes);
    for (const { dt } of read)
      expect(Math.abs(Date.now() - Date.parse(String(dt)))).toBeLessThan(TEST_TIMEOUT_MS);
  });

  test('a URL or header that Varnish cut is flagged, one just shorter is not, and the parameter is named with its value', async () => {
    const server = await start();
    const here = place();
    const query = 'ReqURL ~ "^/event"';
    const running = run(
      here,
      lines({ name: server.instance, query, format: '%U|%{X-Seq}i|%{X-Note}i' }),
    );
    await reads(running, server);
    const url = (length: number): string => '/event.gif?'.padEnd(length, 'é');
    const note = (length: number): string => 'a"'.padEnd(length - 'X-Note: '.length, '\\');
    const sent = [
      { url: url(253), note: 'b' },
      { url: url(254), note: 'b' },
      { url: url(300), note: 'b' },
      { url: url(20), note: note(253) },
      { url: url(20), note: note(254) },
      { url: url(20), note: note(2000) },
    ];
    const seq = (i: number): NonNullable<Sent['headers']> => ({
      'X-Seq': String(i),
      'X-Note': sent[i]!.note,
    });
    await load(
      server.port,
      sent.map(({ url: path }, i) => ({ url: path, headers: seq(i) })),
    );
    await acks(running, here, sent.length);
    const ended = await stopped(running);
    const { rows, stderr } = ended;
    expect(figure(ended, 'varnish_cut_rows_total')).toBe(4);
    const cut = new Map(rows.map(({ line, cut: flag }) => [String(line).split('|')[1], flag]));
    expect(sent.map((_, i) => cut.get(String(i)))).toEqual([false, true, true, false, true, true]);
    expect(stderr).toMatch(/vsl_reclen, which is 255 bytes.*varnishd -p vsl_reclen=4084/);
  });

  test('kill -9 of what reads costs only what is logged meanwhile, and leaves no second reader behind', async () => {
    const server = await start(WHOLE);
    const here = place();
    const running = run(
      here,
      hits({ name: server.instance, query: 'ReqURL ~ "^/event"' }, JSON_FORMAT),
    );
    await reads(running, server);
    const before = utf8(numbered(200));
    await load(server.port, before);
    await acks(running, here, before.length);
    const reader = readerOf(server.instance)!;
    process.kill(parentOf(reader)!, 'SIGKILL');
    // It has nobody to write to.
    await running.until(async () => {
      await load(server.port, utf8(numbered(1, 200)));
      return !isRunning(reader);
    });
    await reads(running, server);
    const after = utf8(numbered(200, 201));
    await load(server.port, after);
    await running.until(() => seqsStored(here).filter((seq) => seq > 200).length >= 200);
    const { rows } = await stopped(running);
    expect(bySeq(rows).filter(({ seq }) => seq !== 200)).toEqual([...before, ...after].map(stored));
  });

  test('what cannot be read is refused before anything starts', async () => {
    const server = await start();
    const here = place();
    const refused = (options: object): Promise<Ended> => run(here, lines(options)).ended;
    expect(await refused({ name: '/nowhere' })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^varnish: varnishncsa refuses: .*Start Varnish before/),
    });
    const { instance: name } = server;
    expect(await refused({ name, query: 'ReqURL ~~ "' })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^varnish: varnishncsa refuses: Query expression error/),
    });
    expect(await refused({ name, format: '%Z' })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^varnish: varnishncsa refuses: Unknown format specifier/),
    });
  });

  test('pixel.vcl answers 204 to GET and HEAD of its two places, and refuses other methods', async () => {
    const { port } = await start();
    const status = async (method: string, path: string): Promise<number> => {
      const { status: code } = await fetch(`http://127.0.0.1:${port}${path}`, { method });
      return code;
    };
    for (const path of [
      '/event.gif',
      '/event.gif?%7B%7D;',
      '/beacon/',
      '/beacon/?a',
      '/beacon/a?b',
    ]) {
      expect(await status('GET', path)).toBe(204);
      expect(await status('HEAD', path)).toBe(204);
      expect(await status('POST', path)).toBe(405);
      expect(await status('DELETE', path)).toBe(405);
    }
    for (const path of ['/', '/event_gif', '/event.gifs', '/beacon', '/a/event.gif']) {
      expect(await status('GET', path)).toBe(404);
      expect(await status('POST', path)).toBe(405);
    }
  });
});

type Tags = readonly (readonly [tag: string, value: string])[];

const tagsOf = (row: Stored, tag: string): string[] =>
  (JSON.parse(String(row['tags'])) as Tags)
    .filter(([name]) => name === tag)
    .map(([, value]) => value);

const seqOf = (row: Stored): number =>
  Number(
    tagsOf(row, 'ReqHeader')
      .find((value) => value.startsWith('X-Seq:'))
      ?.slice(6),
  );

test('a missing program is named, with where to get it', async () => {
  const here = place();
  const path = process.env['PATH'];
  process.env['PATH'] = here.dir;
  try {
    expect(await run(here, lines({})).ended).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^varnish: varnishncsa is not installed here\. Install Varnish/,
      ),
    });
  } finally {
    process.env['PATH'] = path;
  }
});
