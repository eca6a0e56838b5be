import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { float, int, nullable, pii, text, time } from '../../../topology/rows/field.js';
import { schema } from '../../../topology/rows/schema.js';
import { parsed, row } from './parsed.js';

const json = { format: 'varnishkafka-json' };
const OBJECT = {
  hostname: 'cp1001',
  sequence: 12,
  dt: '2014-02-10T05:06:07',
  time_firstbyte: 0.000145,
  ip: '192.0.2.7',
  cache_status: 'hit',
  http_status: '200',
  response_size: 3655,
  http_method: 'GET',
  uri_host: 'en.wikipedia.org',
  uri_path: '/wiki/Cat',
  uri_query: '?a',
  content_type: 'text/html',
  referer: '-',
  x_forwarded_for: '-',
  user_agent: 'UA',
  accept_language: 'en',
  x_analytics: '-',
};
const FIELDS = {
  hostname: 'cp1001',
  sequence: 12,
  dt: Date.UTC(2014, 1, 10, 5, 6, 7),
  time_firstbyte: 0.000145,
  ip: '192.0.2.7',
  cache_status: 'hit',
  http_status: 200,
  response_size: 3655,
  http_method: 'GET',
  uri_host: 'en.wikipedia.org',
  uri_path: '/wiki/Cat',
  uri_query: '?a',
  content_type: 'text/html',
  referer: null,
  x_forwarded_for: null,
  user_agent: 'UA',
  accept_language: 'en',
};
const line = (changes: object = {}): string => JSON.stringify({ ...OBJECT, ...changes });

describe('varnishkafka-json', () => {
  test('reads the record of 2014', () => expect(row(json, line())).toMatchObject(FIELDS));

  test('reads keys in any order, line after line', () => {
    const turned = JSON.stringify(Object.fromEntries(Object.entries(OBJECT).reverse()));
    const results = parsed(json, [line(), turned, ` ${line({ extra: 1 })} \r`, turned]);
    for (const result of results) expect(result).toMatchObject(FIELDS);
  });

  test.each([
    ['null', line({ user_agent: null }), { user_agent: null }],
    [
      'escapes',
      line({ user_agent: 'a"\\\n\té😀' }).replace('é', '\\u00e9'),
      { user_agent: 'a"\\\n\té😀', hostname: 'cp1001' },
    ],
    ['half a surrogate pair', line().replace('"UA"', '"\\ud83d"'), { user_agent: '\ufffd' }],
    [
      'an escaped NUL, left as it is',
      line().replace('"UA"', '"a\\u0000"'),
      { user_agent: 'a\\u0000' },
    ],
    [
      'an escape in a key',
      line().replace('"user_agent"', '"user\\u005fagent"'),
      { user_agent: 'UA' },
    ],
    ['a whole number with an exponent', line().replace('3655', '3.655E3'), { response_size: 3655 }],
    [
      'nested values, which are nobody’s',
      line({ user_agent: { a: ['}"]'] }, x: [[{}]] }),
      { user_agent: null },
    ],
    [
      'the last of equal keys',
      line().replace('}', ',"ip":"192.0.2.8","user_agent":null}'),
      { ip: '192.0.2.8', user_agent: null },
    ],
    ['true for a text', line({ user_agent: true }), { user_agent: 'true' }],
  ])('takes %s', (_, text, fields) =>
    expect(row(json, text)).toMatchObject({ ...FIELDS, ...fields }),
  );

  test.each([
    ['no time', line({ dt: '-' }), 'dt: missing'],
    ['no address', line({ ip: undefined }), 'ip: missing'],
    ['no path', line({ uri_path: '' }), 'request line: missing'],
    ['true for a number', line({ sequence: true }), 'sequence: not a number'],
    ['a fraction for a whole number', line({ response_size: 1.5 }), 'response_size: not a number'],
    ['a NUL byte', line().replace('UA', 'U\0A'), 'not a JSON object'],
    ['an array', '[]', 'not a JSON object'],
    ['an end that is missing', line().slice(0, -1), 'not a JSON object'],
    ['more behind the end', `${line()}{}`, 'not a JSON object'],
  ])('rejects %s', (_, text, reason) => expect(parsed(json, [text])).toEqual([reason]));

  test('gives the id that the same line has in another format', () => {
    const tabs = [
      'cp1001',
      12,
      OBJECT.dt,
      0,
      '192.0.2.9',
      'miss/404',
      1,
      'GET',
      'http://a/b',
      '-',
      '-',
      '-',
      '-',
      'u',
      '-',
      '-',
    ].join('\t');
    expect(row(json, line()).id).toBe(row({ format: 'udp2log' }, tabs).id);
  });
});

describe('formats that write JSON', () => {
  const emits = schema('hit', {
    dt: time(),
    ip: pii('ip'),
    status: nullable(int()),
    us: nullable(float()),
    cookie: nullable(pii('cookie')),
    vxid: nullable(int()),
  });
  const format =
    '{"ts":"%{%FT%T}t.%{usec_frac}tZ","vxid":%{Varnish:vxid}x,"a":"%h","status":%{@status}s,"us":%{@us}D,"c":"%{Cookie}i"}';

  test('say which key is which field', () => {
    const text =
      '{"ts":"2026-11-21T01:08:05.929858Z","vxid":4,"a":"127.0.0.1","status":204,"us":437,"c":""}';
    expect(row({ format, emits }, text)).toEqual({
      dt: Date.UTC(2026, 10, 21, 1, 8, 5, 929),
      ip: '127.0.0.1',
      status: 204,
      us: 437,
      cookie: null,
      vxid: 4,
    });
  });

  test('say in what unit times count', () => {
    expect(
      row({ format: '{"t":%{msec}t,"a":"%h"}', emits }, '{"t":1357794367123,"a":"h"}')['dt'],
    ).toBe(1357794367123);
  });
});

describe('against JSON.parse', () => {
  const emits = schema('any', { a: nullable(text()), b: nullable(text()) });
  const read = (bytes: string): unknown =>
    parsed({ format: 'varnishkafka-json', emits }, [bytes])[0];

  /** What a text field is for a value. */
  function expected(value: unknown, source: string): string | null {
    if (
      value === undefined ||
      value === null ||
      typeof value === 'object' ||
      value === '' ||
      value === '-'
    )
      return null;
    return typeof value === 'string' ? Buffer.from(value).toString() : source;
  }

  test('reads the same texts', () => {
    const texts = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));
    const values = fc.oneof(
      texts,
      fc.constant(null),
      fc.jsonValue().filter((value) => typeof value === 'object'),
    );
    const objects = fc.record({ a: values, x: fc.jsonValue(), b: values }, { requiredKeys: [] });
    fc.assert(
      fc.property(objects, fc.constantFrom(0, 1), (object, indent) => {
        const source = JSON.stringify(object, null, indent).replaceAll('\n', ' ');
        const { a, b } = JSON.parse(source) as { a?: unknown; b?: unknown };
        expect(read(source)).toEqual({ a: expected(a, ''), b: expected(b, '') });
      }),
      { numRuns: 200 },
    );
  });

  test('accepts what it accepts, and refuses what it refuses', () => {
    const bits = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '"\\u00e9"',
      '"\\x"',
      '"',
      '\\',
      ' ',
      '\t',
      '\v',
      '-',
      '1',
      '0',
      '.5',
      'e1',
      '+',
      'true',
      'null',
      'nul',
      '"a":1',
      ',"b":null',
    ];
    const sources = fc
      .array(fc.constantFrom(...bits), { maxLength: 9 })
      .map((parts) => `{${parts.join('')}}`);
    fc.assert(
      fc.property(sources, (source) => {
        let good = true;
        try {
          JSON.parse(source);
        } catch {
          good = false;
        }
        expect([source, read(source) !== 'not a JSON object']).toEqual([source, good]);
      }),
      { numRuns: 1000 },
    );
  });
});
