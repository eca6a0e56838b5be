/** Client requests in the text of varnishlog. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { RequestLines } from '../../../spouts/varnish/request-lines.js';
import { sample } from '../../support/conformance.js';

interface Request {
  readonly vxid: number;
  readonly dt: number | null;
  readonly incomplete: boolean;
  readonly cut: readonly string[];
  readonly tags: readonly (readonly [string, string])[];
}

function requestsIn(text: Buffer | string, longest = 254, size = 1_000_000): Request[] {
  const lines = new RequestLines(longest);
  const bytes = Buffer.from(text as string);
  let out = '';
  for (let at = 0; at < bytes.length; at += size)
    out += Buffer.from(lines.take(bytes.subarray(at, at + size))).toString();
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Request);
}

const group = (...transactions: string[]): string => `${transactions.join('')}\n`;
const transaction = (depth: number, kind: string, vxid: number, ...records: string[]): string => {
  const mark = (sign: string): string => sign.repeat(depth).padEnd(4);
  const lines = records.map((record) => {
    const [tag] = record.split(' ', 1);
    return `${mark('-')}${tag!.padEnd(14)} ${record.slice(tag!.length + 1)}\n`;
  });
  return `${mark('*')}<< ${kind.padEnd(8)} >> ${String(vxid).padEnd(10)}\n${lines.join('')}`;
};

test('a request is its number, its begin and its tags in order', () => {
  const text = group(
    transaction(
      1,
      'Request',
      7,
      'Begin req 3 rxreq',
      'Timestamp Start: 1795223285.929859 0.0 0.0',
      'ReqURL /a  b',
      'Filters ',
    ),
  );
  expect(requestsIn(text)).toEqual([
    {
      vxid: 7,
      dt: 1_795_223_285_929,
      incomplete: false,
      cut: [],
      tags: [
        ['Begin', 'req 3 rxreq'],
        ['Timestamp', 'Start: 1795223285.929859 0.0 0.0'],
        ['ReqURL', '/a  b'],
        ['Filters', ''],
      ],
    },
  ]);
});

test('a restart belongs to its request; backend requests and ESI fragments do not', () => {
  const text = group(
    transaction(1, 'Request', 1, 'Begin req 0 rxreq', 'ReqURL /1'),
    transaction(2, 'BeReq', 2, 'Begin bereq 1 fetch', 'BereqURL /2'),
    transaction(2, 'Request', 3, 'Begin req 1 restart', 'ReqURL /3'),
    transaction(3, 'Request', 4, 'Begin req 3 esi', 'ReqURL /4'),
  );
  const [request, ...others] = requestsIn(text);
  expect(others).toEqual([]);
  expect(request).toMatchObject({ vxid: 1, dt: null });
  expect(request!.tags.filter(([tag]) => tag === 'ReqURL')).toEqual([
    ['ReqURL', '/1'],
    ['ReqURL', '/3'],
  ]);
});

test('each request of a session is one', () => {
  const text = group(
    transaction(1, 'Session', 1, 'Begin sess 0 HTTP/1'),
    transaction(2, 'Request', 2, 'Begin req 1 rxreq', 'ReqURL /2'),
    transaction(2, 'Request', 3, 'Begin req 1 rxreq', 'ReqURL /3'),
  );
  expect(requestsIn(text).map(({ vxid }) => vxid)).toEqual([2, 3]);
});

test('a record as long as the longest is flagged by its tag, and what the library gave up is incomplete', () => {
  const long = `X: ${'é'.repeat(20)}a`;
  const text = group(
    transaction(1, 'Request', 1, 'Begin req 0 rxreq', `ReqHeader ${long}`, 'VSL store overflow'),
  );
  expect(requestsIn(text, Buffer.byteLength(long))).toMatchObject([
    { cut: ['ReqHeader'], incomplete: true },
  ]);
  expect(requestsIn(text)[0]!.tags[1]).toEqual(['ReqHeader', long]);
  expect(requestsIn(text, 100)[0]!.cut).toEqual([]);
});

test('the sample of varnishlog is read whole, whatever the pieces it comes in', () => {
  const path = sample('varnish/varnishlog-g-request.log');
  if (path === undefined) return;
  const text = readFileSync(path);
  const requests = requestsIn(text);
  expect(requests).toHaveLength(95);
  expect(requestsIn(text, 254, 7)).toEqual(requests);
  const cut = requests.filter((each) => each.cut.length > 0);
  expect(cut.map((each) => each.cut)).toEqual([['ReqURL'], ['ReqURL']]);
  for (const { dt, tags } of requests) {
    expect(dt).toBeGreaterThan(1_795_223_000_000);
    expect(tags.filter(([tag]) => tag === 'ReqMethod')).toHaveLength(1);
    expect(tags.at(-1)).toEqual(['End', '']);
  }
});
