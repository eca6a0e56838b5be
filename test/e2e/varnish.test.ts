/** The Varnish spout and a real varnishd. */
import { chmodSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { readCommits } from '../../runtime/state/commits.js';
import {
  eventually,
  place,
  summaryIn,
  TEST_TIMEOUT_MS,
  type Ended,
  type Place,
  type Running,
} from '../support/cli.js';
import { workersOf } from '../support/chaos/processes.js';
import { load, type Sent } from '../support/http-load.js';
import { jsonRows, type Stored } from '../support/outputs.js';
import { isInstalled } from '../support/services/service.js';
import { readerOf, varnish, type Varnish } from '../support/services/varnish.js';
import { hits, lines, requests } from './varnish-topologies.js';

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
  running.until(() => readerOf(instance) !== undefined);

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
    await reads(running, server);
    const sent = utf8(numbered(20_000));
    await load(server.port, [...sent, { url: '/answers' }]);
    await acks(running, here, sent.length);
    const { rows, stderr, ...ended } = await stopped(running);
    expect(bySeq(rows)).toEqual(sent.map(stored));
    expect(stderr).toContain('vsl_reclen, which is 4084 bytes');
    expect(figure({ ...ended, stderr }, 'varnish_log_overruns_total')).toBe(0);
  });
});
