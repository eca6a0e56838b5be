import { isIP } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mask } from '../../../bolts/anonymize/index.js';
import { conformance } from '../../support/conformance.js';
import { applied } from './apply.js';

const masked = applied(mask(), 'free_text') as (value: string) => string;

/** Every address that can be read in a text, at any place and in up to three layers of encoding. */
function survivors(text: string): string[] {
  const all: string[] = [];
  for (let layer = 0; layer <= 3; layer++) {
    for (let s = 0; s < text.length; s++) {
      for (let e = s + 1; e <= Math.min(text.length, s + 45); e++)
        if (isIP(text.slice(s, e)) !== 0) all.push(text.slice(s, e));
    }
    text = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(parseInt(hex, 16)),
    );
  }
  return all;
}

describe('mask', () => {
  test('puts [ip] and [email] in the place of addresses', () => {
    expect(masked('no route from 192.0.2.1 to [2001:db8::7]:80.')).toBe(
      'no route from [ip] to [[ip]]:80.',
    );
    expect(masked('client 192.0.2.1:443, 192.0.2.2.')).toBe('client [ip]:443, [ip].');
    expect(masked("Ann <ann.o'neil+news@mail.example.co.uk>")).toBe('Ann <[email]>');
    expect(masked('ftp://joe:secret@files.example.org/')).toBe('ftp://[email]/');
    expect(masked('root@192.0.2.1 and 192.0.2.9@example.org')).toBe('[email] and [email]');
    expect(masked('ether 00:00:5e:00:53:af')).toBe('ether [ip]');
    expect(masked('möwe@exämple.de. ünd')).toBe('[email]. ünd');
  });

  test('masks a quoted local part of an e-mail address with it', () => {
    expect(masked('to "john doe"@example.com.')).toBe('to [email].');
    expect(masked('"a"@example.com, ""@example.com')).toBe('[email], [email]');
    expect(masked('"a \\" b"@example.com "x" john."doe".jr@example.com')).toBe(
      '[email] "x" [email]',
    );
    expect(masked('q=%22a.b%22%40example.com&x')).toBe('q=[email]&x');
    expect(masked('%2522john%2520doe%2522%2540example.com')).toBe('[email]');
    expect(masked('{"to":"ann@example.org"}')).toBe('{"to":"[email]"}');
    expect(masked('doe"@example.com')).toBe('[email]');
  });

  test('masks who logs in to a host without a dot', () => {
    expect(masked('see https://user:pw@localhost:8080/x')).toBe('see https://[email]:8080/x');
    expect(masked('user@localhost')).toBe('user@localhost');
  });

  test('sees through percent-encoding and keeps the rest encoded', () => {
    expect(masked('a%20b=192%2E0%2e2%2E1&c=%20')).toBe('a%20b=[ip]&c=%20');
    expect(masked('x=2001%253Adb8%253A%253A1;y')).toBe('x=[ip];y');
    expect(masked('to=ann%40example.org&100%')).toBe('to=[email]&100%');
    expect(masked(`a=192%${'25'.repeat(9)}2E0.2.1&b=%`)).toBe('a=[ip]&b=%');
    expect(masked('ip=%EF%BC%91.2.3.４;ö')).toBe('ip=[ip];ö');
  });

  test('leaves alone what is no address', () => {
    const texts = [
      '',
      '-',
      'at 10:30 on 2026-11-21',
      'v1.2.3',
      '1..2..3..4',
      'a.b.c.d',
      'C: 12:30:45',
      '50%',
      'Käse %C3%A4',
      'info@presidio.',
      '@here',
    ];
    const always = applied(mask(), 'free_text', false);
    for (const text of texts) expect(always(text)).toBe(text);
    expect(always('long '.repeat(50))).toBe('long '.repeat(50));
  });

  test('gives null for nothing where the field may be null', () => {
    expect([masked(null as never), masked('-'), masked('')]).toEqual([null, null, null]);
  });

  test('leaves no address in any text', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[0-9a-f.:@%]*$/));
    const planted = fc.tuple(text, fc.oneof(fc.ipV4(), fc.ipV6()), text);
    fc.assert(
      fc.property(planted, ([before, ip, after]) => {
        const result = masked(before + ip + after);
        expect(result).not.toContain(ip);
        expect(survivors(result)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('masks what is longer than its memory', () => {
    expect(masked(`${'x'.repeat(100_000)} 192.0.2.1`)).toBe(`${'x'.repeat(100_000)} [ip]`);
    expect(masked('::,'.repeat(50_000))).toBe('[ip],'.repeat(50_000));
  });
});

const vectors = conformance('privacy/ip-in-text');
(vectors ? describe : describe.skip)('the published rows of masking', () => {
  // jest runs the body of what it skips, too.
  if (!vectors) return;
  const rows: [string, string][] = [
    ...vectors!.rsyslog_zero_ipv4_32,
    ...vectors!.rsyslog_zero_ipv6_128,
    ...vectors!.rsyslog_both,
    ...vectors!.rsyslog_ipv6_default_bits_96,
    ...vectors!.rsyslog_embedded,
    ...vectors!.yacryptopan_example.lines,
  ];

  test('leave no original address', () => {
    for (const [text] of rows) expect([text, survivors(masked(text))]).toEqual([text, []]);
    expect(rows.length).toBeGreaterThan(80);
  });

  test('keep what is no address', () => {
    const kept = rows
      .filter(([text]) => survivors(text).length === 0 && !text.includes('ab:ab:') && isFree(text))
      .map(([text]) => text);
    expect(kept).toContain('1....1....1....8');
    expect(kept).toContain('13:abd:45:* test');
    for (const text of kept) expect(masked(text)).toBe(text);
  });

  /** Six groups and more count as an address, so that MAC addresses are masked, too. */
  const isFree = (text: string): boolean => !/(?:[0-9a-f]*:){5}/i.test(text);

  test('do better than rsyslog, which leaves the begin of an address whose group is too long', () => {
    const ends = vectors!.rsyslog_ipv6_default_bits_96.filter(
      ([text]: [string]) => text.length > 20,
    );
    for (const [text] of ends) expect(masked(text)).toMatch(/^\[?\[ip\]\]?(:4922)?$/);
  });
});

const entities = conformance('privacy/pii-in-text')?.entities;
(entities ? describe : describe.skip)('the published rows of e-mail addresses', () => {
  if (!entities) return;
  test('are found as often as they are there', () => {
    for (const { text, expected_count } of entities!.EMAIL_ADDRESS) {
      expect([text, masked(text).split('[email]').length - 1]).toEqual([text, expected_count]);
    }
  });
});
