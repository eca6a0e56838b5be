import { describe, expect, test } from '@jest/globals';
import {
  anonymize,
  drop,
  family,
  floorTime,
  hmac,
  mask,
  path,
  query,
  truncate,
  type Rule,
} from '../../../bolts/anonymize/index.js';
import { feed } from '../../../runtime/testing/index.js';
import type { Stream } from '../../../topology/dsl/stream.js';
import { int, nullable, pii, text, time, type Field } from '../../../topology/rows/field.js';
import { Pii } from '../../../topology/rows/pii.js';
import { reveal } from '../../../topology/rows/reveal.js';
import { schema } from '../../../topology/rows/schema.js';

const Request = schema('request', {
  host: text(),
  dt: time(),
  status: nullable(int()),
  ip: pii('ip'),
  user_agent: nullable(pii('user_agent')),
  uri_path: nullable(pii('url')),
  uri_query: pii('url'),
  user: nullable(pii('user_id', int())),
  cookie: nullable(pii('cookie')),
});

const row = {
  host: 'en.example.org',
  dt: Date.parse('2026-11-21T10:05:43Z'),
  status: 200,
  ip: '::ffff:203.0.113.195',
  user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  uri_path: '/wiki/A',
  uri_query: '?a=1&token=x',
  user: 7,
  cookie: 'c',
};

const key = Buffer.alloc(32, 1);
const rules = {
  ip: truncate({ v4: 24, v6: 48 }),
  user_agent: family(),
  uri_path: path(),
  uri_query: query(['a']),
  user: hmac(key),
  cookie: drop(),
  dt: floorTime('1h'),
};
const bolt = anonymize(Request, rules);

describe('anonymize', () => {
  test('replaces, adds and drops fields as its rules say, and passes the others', async () => {
    const { streams, rejected, failed } = await feed(bolt, [
      row,
      { ...row, status: null, user_agent: null, uri_path: null, user: null, cookie: null },
    ]);
    expect([rejected, failed]).toEqual([[], []]);
    const safe = {
      host: 'en.example.org',
      dt: Date.parse('2026-11-21T10:00:00Z'),
      status: 200,
      ip: '203.0.113.0',
      browser_family: 'Firefox',
      browser_major: '128',
      os_family: 'Linux',
      agent_type: 'user',
      uri_path: '/wiki/A',
      uri_query: '?a=1',
      user: expect.stringMatching(/^[0-9a-f]{64}$/),
    };
    const nothing = {
      browser_family: null,
      browser_major: null,
      os_family: null,
      uri_path: null,
      user: null,
      status: null,
    };
    expect(streams['safe']).toEqual([safe, { ...safe, ...nothing }]);
  });

  test('leaves a sealed field without a rule sealed', async () => {
    const { streams } = await feed(anonymize(Request, {}), [row]);
    const { ip } = streams['safe'][0] as { ip: Pii<'ip'> };
    expect(ip).toBeInstanceOf(Pii);
    expect(reveal(ip)).toBe(row.ip);
  });

  test('rejects a row whose value a method refuses, and goes on with the next', async () => {
    const { streams, rejected, failed } = await feed(bolt, [
      { ...row, ip: '203.0.113.195, 10.0.0.1' },
      row,
    ]);
    expect(rejected).toEqual([{ row: 0, reason: 'ip: not an address' }]);
    expect(failed).toEqual([]);
    expect(streams['safe']).toHaveLength(1);
  });

  test('rejects a row on which a method breaks, without telling the value', async () => {
    const broken: Rule<'ip', Field<string>> = {
      ...truncate({ v4: 24, v6: 48 }),
      compile: () => (value) => {
        throw new TypeError(`broke on ${reveal(value!)}`);
      },
    };
    const { streams, rejected } = await feed(anonymize(Request, { ...rules, ip: broken }), [row]);
    expect(rejected).toEqual([{ row: 0, reason: 'ip: could not be anonymized (TypeError)' }]);
    expect(streams['safe']).toEqual([]);
  });

  test('says what it emits: clear fields, null where the sealed one may be', () => {
    expect(bolt.emits.safe).toEqual({
      title: 'request',
      fields: {
        host: text(),
        dt: time(),
        status: nullable(int()),
        ip: text(),
        browser_family: nullable(text()),
        browser_major: nullable(text()),
        os_family: nullable(text()),
        agent_type: text({ oneOf: ['user', 'spider'] }),
        uri_path: nullable(text()),
        uri_query: nullable(text()),
        user: nullable(text()),
      },
    });
    expect(Object.keys(bolt.emits.safe.fields).slice(3, 5)).toEqual(['ip', 'browser_family']);
  });

  test.each([
    [24, 48, 'declassify'],
    [31, 127, 'declassify'],
    [32, 48, 'derive'],
    [24, 128, 'derive'],
  ])('an address of which %i and %i bits are kept comes out by %s', (v4, v6, how) => {
    const Only = schema('only', { ip: pii('ip') });
    const { lineage } = anonymize(Only, { ip: truncate({ v4, v6 }) });
    expect(lineage!['safe']!['ip']!.how).toBe(how);
  });

  test('tells the lineage of every field, and its rules, without keys', () => {
    const { safe } = bolt.lineage!;
    expect(Object.keys(safe)).toEqual(Object.keys(bolt.emits.safe.fields));
    expect(safe['host']).toEqual({ how: 'copy', from: ['host'] });
    expect(safe['ip']).toEqual({
      how: 'declassify',
      from: ['ip'],
      method: 'ip.truncate',
      parameters: { v4: 24, v6: 48 },
    });
    expect(safe['os_family']).toEqual({
      how: 'declassify',
      from: ['user_agent'],
      method: 'user-agent.family',
      parameters: {},
    });
    expect(safe['dt']).toEqual({
      how: 'declassify',
      from: ['dt'],
      method: 'time.floor',
      parameters: { periodMs: 3_600_000 },
    });
    expect(bolt.parameters).toMatchObject({
      uri_query: { method: 'uri.query', allow: ['a'] },
      cookie: { method: 'drop' },
    });
    expect(JSON.parse(JSON.stringify(bolt.parameters))).toEqual(bolt.parameters);
    expect(JSON.stringify([bolt.parameters, bolt.lineage])).not.toMatch(/AQEB|0101|\[1,1/);
  });

  test('refuses rules that do not fit, as it is declared', () => {
    const untyped = anonymize as unknown as (reads: unknown, rules: object) => unknown;
    expect(() => untyped(Request, { hots: drop() })).toThrow('"request" has no field "hots"');
    expect(() => untyped(Request, { host: mask() })).toThrow(
      'text.mask is not for the field "host" (text)',
    );
    expect(() => untyped(Request, { user: truncate({ v4: 24, v6: 48 }) })).toThrow(
      '"user" (sealed int)',
    );
    expect(() => untyped(Request, { status: floorTime('1h') })).toThrow('"status" (int)');
    expect(() =>
      untyped(schema('s', { at: pii('location', time()) }), { at: floorTime('1h') }),
    ).toThrow('(sealed time)');
    const clashing = schema('s', { os_family: text(), agent: pii('user_agent') });
    expect(() => anonymize(clashing, { agent: family() })).toThrow(
      'two fields would be named "os_family"',
    );
  });

  test('takes a field that has the name of what every object has by birth', async () => {
    const odd = schema('odd', { toString: text(), $valueOf: int(), ip: pii('ip') });
    const { streams } = await feed(anonymize(odd, { ip: drop() } as never), [
      { toString: 'a', $valueOf: 1, ip: '192.0.2.1' },
    ]);
    expect(streams).toEqual({ safe: [{ toString: 'a', $valueOf: 1 }] });
    const even = schema('even', { ip: pii('ip') });
    expect(() => anonymize(even, { toString: drop() } as never)).toThrow(
      'anonymize: "even" has no field "toString"',
    );
  });

  test('runs no name of a field as code', async () => {
    const odd = schema('odd', { '"]; throw 1; //': pii('ip'), "it's": text() });
    const { streams } = await feed(
      anonymize(odd, { '"]; throw 1; //': truncate({ v4: 8, v6: 16 }) }),
      [{ '"]; throw 1; //': '10.1.2.3', "it's": 'x' }],
    );
    expect(streams['safe']).toEqual([{ '"]; throw 1; //': '10.0.0.0', "it's": 'x' }]);
  });
});

/** Never called; read by the compiler only. */
void function types(): void {
  type Safe = typeof bolt extends { emits: { safe: { fields: infer F } } }
    ? { [N in keyof F]: F[N] extends Field<infer V> ? V : never }
    : never;
  type Expected = {
    host: string;
    dt: number;
    status: number | null;
    ip: string;
    browser_family: string | null;
    browser_major: string | null;
    os_family: string | null;
    agent_type: string;
    uri_path: string | null;
    uri_query: string | null;
    user: string | null;
  };
  const exact: [Safe] extends [Expected] ? ([Expected] extends [Safe] ? true : never) : never =
    true;

  const sealed = anonymize(Request, { ip: drop() });
  const stays: typeof sealed extends { emits: { safe: { fields: { cookie: Field<infer V> } } } }
    ? V
    : never = null as Pii<'cookie'> | null;
  // @ts-expect-error a sealed field without a rule is still no public value
  const open: Stream<{ readonly [field: string]: string | number | null }> =
    null as unknown as Stream<{ cookie: typeof stays }>;

  // @ts-expect-error `host` is not sealed
  anonymize(Request, { host: mask() });
  // @ts-expect-error `status` is a number, but only times and sealed fields have rules
  anonymize(Request, { status: drop() });
  // @ts-expect-error there is no field `cokie`
  anonymize(Request, { cokie: drop() });
  // @ts-expect-error there is no such rule
  anonymize(Request, { ip: 'rot13' });
  // @ts-expect-error a cookie has no network
  anonymize(Request, { cookie: truncate({ v4: 24, v6: 48 }) });
  // @ts-expect-error a sealed value is no time
  anonymize(Request, { ip: floorTime('1h') });
  // @ts-expect-error the fraction of a query string is not chosen by number
  anonymize(Request, { uri_query: query([1]) });

  return void [exact, stays, open];
};
