import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { parse, Request } from '../../../bolts/parse/index.js';
import { uuidBytes } from '../../../bolts/parse/uuid5.js';
import { feed } from '../../../runtime/testing/index.js';
import { bytes, float, int, nullable, pii, text, time } from '../../../topology/rows/field.js';
import { Pii } from '../../../topology/rows/pii.js';
import { schema, type Schema } from '../../../topology/rows/schema.js';
import { parsed, row } from './parsed.js';

/** 16 columns, each other than the next. */
const COLUMNS = [
  'cp1001.eqiad.wmnet',
  '12',
  '2013-01-10T05:06:07.123',
  '0.000145',
  '192.0.2.7',
  'hit/200',
  '3655',
  'GET',
  'http://en.wikipedia.org/wiki/Cat?action=raw',
  '-',
  'text/html; charset=utf-8',
  'http://a.example/?b',
  '198.51.100.1',
  'Mozilla/5.0 (X11) "q" \\x',
  'en,de;q=0.5',
  'zero=1',
];
const FIELDS = {
  dt: Date.UTC(2013, 0, 10, 5, 6, 7, 123),
  hostname: 'cp1001.eqiad.wmnet',
  sequence: 12,
  ip: '192.0.2.7',
  cache_status: 'hit',
  http_status: 200,
  response_size: 3655,
  time_firstbyte: 0.000145,
  http_method: 'GET',
  uri_host: 'en.wikipedia.org',
  uri_path: '/wiki/Cat',
  uri_query: '?action=raw',
  content_type: 'text/html; charset=utf-8',
  referer: 'http://a.example/?b',
  x_forwarded_for: '198.51.100.1',
  user_agent: 'Mozilla/5.0 (X11) "q" \\x',
  accept_language: 'en,de;q=0.5',
};
const udp2log = { format: 'udp2log' };
const with_ = (changes: { readonly [column: number]: string }): string =>
  COLUMNS.map((value, i) => changes[i] ?? value).join('\t');

describe('udp2log', () => {
  test('cuts 16 columns between tabs', () =>
    expect(row(udp2log, COLUMNS.join('\t'))).toMatchObject(FIELDS));

  test('cuts the 14 columns between spaces of before 2013', () => {
    const line = [
      ...COLUMNS.slice(0, 10),
      'text/html',
      ...COLUMNS.slice(11, 13),
      'Mozilla/5.0%20(X11)',
    ].join(' ');
    const user_agent = 'Mozilla/5.0%20(X11)';
    expect(row(udp2log, line)).toMatchObject({
      ...FIELDS,
      content_type: 'text/html',
      user_agent,
      accept_language: null,
    });
  });

  test.each([
    ['a negative sequence', { 1: '-1510149917' }, { sequence: -1510149917 }],
    ['a time in seconds', { 2: '1169499304.066' }, { dt: 1169499304066 }],
    ['a service time in whole numbers', { 3: '54' }, { time_firstbyte: 54 }],
    ['IPv6', { 4: '2002:6981:27e2::6981:27e2' }, { ip: '2002:6981:27e2::6981:27e2' }],
    ["Squid's status", { 5: 'TCP_MEM_HIT/504' }, { cache_status: 'TCP_MEM_HIT', http_status: 504 }],
    ['a status of nothing', { 5: '-' }, { cache_status: null, http_status: null }],
    ['a status without a cache', { 5: '-/400' }, { cache_status: null, http_status: 400 }],
    ['no method', { 7: '-' }, { http_method: null, uri_path: '/wiki/Cat' }],
    [
      'a host printed twice',
      { 8: 'http://fr.m.wikipedia.orghttp://fr.m.wikipedia.org/a?b' },
      { uri_host: 'fr.m.wikipedia.org', uri_path: '/a', uri_query: '?b' },
    ],
    ['no referer and an empty agent', { 11: '-', 13: '' }, { referer: null, user_agent: null }],
    ['text that is not ASCII', { 13: 'Опера/é' }, { user_agent: 'Опера/é' }],
  ])('takes %s', (_, changes, fields) =>
    expect(row(udp2log, with_(changes))).toMatchObject({ ...FIELDS, ...fields }),
  );

  test.each([
    ['too few columns', COLUMNS.slice(0, 13).join('\t'), 'fewer than 14 columns'],
    ['too many columns', with_({ 15: 'a\tb' }), 'more than 16 columns'],
    ['no time', with_({ 2: '-' }), 'dt: missing'],
    ['no address', with_({ 4: '' }), 'ip: missing'],
    ['no URL', with_({ 8: '-' }), 'request line: missing'],
    ['letters for a number', with_({ 1: 'SEQUENCE' }), 'sequence: not a number'],
    ['a wrong time', with_({ 2: '2013-02-30T00:00:00' }), 'dt: not a time'],
    ['a wrong status', with_({ 5: 'hit/2x0' }), 'http_status: not a number'],
    [
      'a status without a slash',
      with_({ 5: 'hit' }),
      'does not fit the format behind %{Varnish:handling}x',
    ],
    ['an empty line', '', 'empty line'],
    ['a line end alone', '\r', 'empty line'],
    ['a NUL byte', with_({ 13: 'a\0b' }), 'NUL byte'],
    ['invalid UTF-8', Buffer.from(with_({ 13: 'caf\xe9' }), 'latin1'), 'invalid UTF-8'],
  ])('rejects %s', (_, line, reason) => expect(parsed(udp2log, [line])).toEqual([reason]));

  test('lets no line have a part in the next', () => {
    const bare = with_({ 3: '-', 5: '-', 6: '-', 10: '-', 11: '-', 12: '-', 13: '-', 14: '-' });
    const [full, empty, again] = parsed(udp2log, [
      COLUMNS.join('\t'),
      bare,
      `${COLUMNS.join('\t')}\r`,
    ]);
    expect(again).toEqual(full);
    expect(empty).toMatchObject({
      response_size: null,
      user_agent: null,
      accept_language: null,
      time_firstbyte: null,
    });
  });
});

describe('quoted formats', () => {
  const combined =
    '127.0.0.1 - frank [17/May/2015:10:05:03 +0200] "GET /a?b HTTP/1.1" 200 - "http://r/" "UA"';
  const expected = {
    ip: '127.0.0.1',
    dt: Date.UTC(2015, 4, 17, 8, 5, 3),
    http_method: 'GET',
    uri_host: null,
    uri_path: '/a',
    uri_query: '?b',
    http_status: 200,
    response_size: null,
  };

  test('apache-combined', () =>
    expect(row({ format: 'apache-combined' }, combined)).toMatchObject({
      ...expected,
      hostname: null,
      referer: 'http://r/',
      user_agent: 'UA',
    }));

  test('apache-common', () =>
    expect(
      row({ format: 'apache-common' }, combined.slice(0, combined.indexOf(' "http'))),
    ).toMatchObject(expected));

  test('varnishncsa, whose request line has the host', () => {
    const line = combined.replace('GET /a', 'GET http://h:80/a');
    expect(row({ format: 'varnishncsa' }, line)).toMatchObject({ ...expected, uri_host: 'h:80' });
  });

  test('resolves what was escaped, and leaves alone what would be no text', () => {
    const line = combined
      .replace('/a?b', '/\\"\\xc3\\xa9?\\x22')
      .replace('http://r/', 'caf\\xe9 \\"')
      .replace('UA', 'a\\\\b\\tc\\q\\x0');
    expect(row({ format: 'varnishncsa' }, line)).toMatchObject({
      ...expected,
      uri_path: '/"é',
      uri_query: '?"',
      referer: 'caf\\xe9 \\"',
      user_agent: 'a\\b\tc\\q\\x0',
    });
  });

  test('keeps the id of a line whose escapes were resolved', () => {
    const ids = [combined, combined.replace('UA', '\\"')].map(
      (line) => row({ format: 'varnishncsa' }, line).id,
    );
    expect(ids[1]).toBe(ids[0]);
  });

  test('ends a value where the text behind it first stands', () => {
    const line = combined
      .replace('"GET', 'GET')
      .replace('1.1"', '1.1')
      .replace('"http://r/"', 'http://r/');
    expect(parsed({ format: '%t %h %U %{User-Agent}i %s' }, ['1 h / My UA 200'])).toEqual([
      'http_status: not a number',
    ]);
    const format = '%h %{@}l %u %t %{@uri_path}r HTTP/1.1 %s %b %{Referer}i "%{User-Agent}i"';
    expect(row({ format }, line)).toMatchObject({
      ip: '127.0.0.1',
      referer: 'http://r/',
      user_agent: 'UA',
    });
  });

  test.each([
    ['no request line', combined.replace('GET /a?b HTTP/1.1', '-'), 'request line: missing'],
    ['more behind the end', `${combined} "more"`, 'does not end as the format says'],
    [
      'an end that is missing',
      combined.slice(0, -1),
      'does not fit the format behind %{User-agent}i',
    ],
  ])('rejects %s', (_, line, reason) =>
    expect(parsed({ format: 'varnishncsa' }, [line])).toEqual([reason]),
  );
});

describe('format strings', () => {
  const Hit = schema('hit', {
    at: time(),
    who: pii('ip'),
    raw: nullable(bytes()),
    n: nullable(int()),
    x: nullable(float()),
    cookie: nullable(text()),
  });

  test('fill the fields that they name and those that are named alike', () => {
    const format =
      '%{@who}h\\t%{msec@at}t\\t%{X-Raw@raw!escape}i\\t%{Thing@n!num?0}x %{Other@x}x\\t%{Cookie}i\\t%u';
    const line = '192.0.2.1\t1357794367123\ta\\x20b\t7 0.5\ts=1\tfrank';
    expect(row({ format, emits: Hit }, line)).toEqual({
      at: 1357794367123,
      who: '192.0.2.1',
      raw: new Uint8Array([97, 32, 98]),
      n: 7,
      x: 0.5,
      cookie: 's=1',
    });
  });

  test('may end with a line end', () => {
    for (const end of ['\n', '\r\n', '\\n'])
      expect(row({ format: `%t %U %h${end}` }, '1 / h')).toMatchObject({ ip: 'h' });
  });

  test('make nothing up for what they do not carry', () => {
    expect(row({ format: '%{@at}t %{@who}h', emits: Hit }, '2013-01-10 05:06:07 h')).toEqual({
      at: 1357794367000,
      who: 'h',
      raw: null,
      n: null,
      x: null,
      cookie: null,
    });
  });

  test.each([
    ['%{%FT%T}t.%{usec_frac}t %h %U', '2013-01-10T05:06:07.123456 h /'],
    ['%t %h %U', '[10/Jan/2013:05:06:07 +0000] h /'],
    ['%{sec}t %h %U', '1357794367 h /'],
    ['[%{%d/%b/%Y:%T %z}t] %h %U', '[10/Jan/2013:05:06:07 +0000] h /'],
  ])('read times as %s writes them', (format, line) => {
    expect(Math.floor((row({ format }, line).dt as number) / 1000)).toBe(1357794367);
  });

  test('cut URLs that are made of directives', () => {
    const line = '1357794367\th\ta.example/b?c';
    expect(row({ format: '%t\\t%h\\t%{Host}i%U%q' }, line)).toMatchObject({
      uri_host: 'a.example',
      uri_path: '/b',
      uri_query: '?c',
    });
    expect(row({ format: '%t\\t%h\\t%U%q' }, '1357794367\th\t/b?c')).toMatchObject({
      uri_host: null,
      uri_path: '/b',
      uri_query: '?c',
    });
  });

  test('let a directive fill what the request line has as well', () => {
    const line = '1357794367 h v.example "GET http://other/b?c HTTP/1.1"';
    expect(row({ format: '%t %h %{Host}i "%r"' }, line)).toMatchObject({
      uri_host: 'v.example',
      uri_path: '/b',
    });
  });
});

describe('id', () => {
  const HOSTS = uuidBytes('7f0c8a52-5d0e-4e0b-9f0a-3c1b6d2e9a41');
  const LINES = uuidBytes('b1e6f2d4-8c37-4a19-a5d2-60f47e9c0d83');
  const hex = (namespace: Buffer, name: string): string =>
    createHash('sha1').update(namespace).update(name).digest('hex');
  /** But for version and variant. */
  const bare = (id: unknown): string =>
    String(id)
      .replaceAll('-', '')
      .replace(/^(.{12}).(...).(.*)$/, '$1_$2_$3');
  const of = (sum: string): string => sum.slice(0, 32).replace(/^(.{12}).(...).(.*)$/, '$1_$2_$3');

  test('is a UUID of host, sequence and time', () => {
    const { id } = row(udp2log, COLUMNS.join('\t'));
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(bare(id)).toBe(of(hex(HOSTS, 'cp1001.eqiad.wmnet/12/1357794367123')));
  });

  test('is of source, offset and time where host or sequence is missing', () => {
    const [, second] = parsed(udp2log, [COLUMNS.join('\t'), with_({ 1: '-' })]);
    const offset = COLUMNS.join('\t').length + 1;
    expect(bare((second as { id: unknown }).id)).toBe(
      of(hex(LINES, `disk 1/${offset}/1357794367123`)),
    );
  });

  const ids = (options: Parameters<typeof row>[0], lines: readonly string[]): unknown[] =>
    parsed(options, lines).map((each) => (each as { id: unknown }).id);

  test.each<[string, Schema<object>]>([
    ['neither', schema('hit', { id: text(), dt: time(), http_status: nullable(int()) })],
    ['the host', schema('hit', { id: text(), dt: time(), hostname: pii('free_text') })],
    ['them, as text', schema('hit', { id: text(), dt: time(), sequence: text() })],
  ])('is of the host and sequence of the line where the schema has %s', (_what, emits) => {
    const lines = [COLUMNS.join('\t'), with_({ 0: 'other' }), `${COLUMNS.join('\t')}\r`];
    const expected = ids(udp2log, lines);
    expect(expected[0]).toBe(expected[2]);
    expect(ids({ format: 'udp2log', emits }, lines)).toEqual(expected);
  });

  test('is of source and offset where the schema lacks them and the line, too', () => {
    const emits = schema('hit', { id: text(), dt: time() });
    const lines = [COLUMNS.join('\t'), with_({ 1: '-' }), with_({ 1: 'x' }), COLUMNS.join('\t')];
    const [first, missing, malformed, last] = ids({ format: 'udp2log', emits }, lines);
    const offsets = [1, 2].map((n) => lines.slice(0, n).join('\n').length + 1);
    const of_ = (offset: number): string => of(hex(LINES, `disk 1/${offset}/1357794367123`));
    expect([missing, malformed].map(bare)).toEqual(offsets.map(of_));
    expect(last).toBe(first);
  });

  test('is of the host and sequence of JSON that the schema lacks', () => {
    const emits = schema('hit', { id: text(), dt: time() });
    const line = '{"hostname":"cp\\u0031001","sequence":12,"dt":"2013-01-10T05:06:07Z"}';
    const [first, second] = ids({ format: 'varnishkafka-json', emits }, [line, line]);
    expect(bare(first)).toBe(of(hex(HOSTS, `cp1001/12/${Date.UTC(2013, 0, 10, 5, 6, 7)}`)));
    expect(second).toBe(first);
  });

  test('names in its lineage what it may be made of', () => {
    const emits = schema('hit', { id: text(), dt: time() });
    const madeOf = (format: string): unknown =>
      (parse({ format, emits }).lineage!['requests']!['id'] as { parameters: unknown }).parameters;
    expect(madeOf('udp2log')).toEqual({ of: ['hostname', 'sequence', 'dt', 'source', 'offset'] });
    expect(madeOf('apache-common')).toEqual({ of: ['dt', 'source', 'offset'] });
  });

  test('does not depend on what is personal', () => {
    const personal = { 4: '203.0.113.9', 8: 'http://x/y', 11: 'r', 12: 'f', 13: 'u', 14: 'l' };
    expect(row(udp2log, with_(personal)).id).toBe(row(udp2log, COLUMNS.join('\t')).id);
  });

  test('comes from the line where the format says so', () => {
    const emits = schema('own', { id: text(), dt: time() });
    expect(row({ format: '%{X-Id@id}o %t', emits }, 'abc 1357794367')).toEqual({
      id: 'abc',
      dt: 1357794367000,
    });
  });
});

describe('the bolt', () => {
  const lines = [COLUMNS.join('\t'), 'no', with_({ 13: 'é' })].map((line, offset) => ({
    line,
    source: 's',
    offset,
  }));

  test('emits sealed rows and rejects with a reason', async () => {
    const out = await feed(parse({ format: 'udp2log' }), lines);
    expect(out.rejected).toEqual([{ row: 1, reason: 'fewer than 14 columns' }]);
    expect(out.failed).toEqual([]);
    expect(out.streams['requests']).toMatchObject(
      [FIELDS, FIELDS].map(({ dt, sequence, http_status }) => ({ dt, sequence, http_status })),
    );
    const kinds = Object.entries(out.streams['requests']![0]!).flatMap(([name, value]) =>
      value instanceof Pii ? [[name, value.kind]] : [],
    );
    expect(Object.fromEntries(kinds)).toMatchObject({
      ip: 'ip',
      uri_path: 'url',
      uri_query: 'url',
      referer: 'referer',
      x_forwarded_for: 'ip',
      user_agent: 'user_agent',
      accept_language: 'language',
      hostname: 'free_text',
    });
  });

  test('says of every field how it came about', () => {
    const { lineage, parameters } = parse({ format: 'udp2log' });
    expect(parameters).toEqual({ format: 'udp2log' });
    expect(Object.keys(lineage!['requests']!)).toEqual(Object.keys(Request.fields));
    expect(lineage!['requests']!['ip']).toEqual({
      how: 'declassify',
      method: 'parse.ip',
      parameters: { format: 'udp2log' },
      from: ['line'],
    });
    expect(lineage!['requests']!['id']).toMatchObject({
      how: 'declassify',
      method: 'uuid5',
      from: ['line', 'source', 'offset'],
    });
  });
});

test('a field that is personal in every log stays what the line said when a schema declares it open', () => {
  const Open = schema('open', { dt: time(), ip: text(), http_status: int() });
  const { lineage } = parse({ format: '%t %h %s', emits: Open });
  expect(lineage!['requests']).toMatchObject({
    ip: { how: 'derive', from: ['line'] },
    http_status: { how: 'declassify', from: ['line'] },
  });
});
