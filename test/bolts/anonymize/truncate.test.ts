import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { truncate } from '../../../bolts/anonymize/index.js';
import { conformance } from '../../support/conformance.js';
import { applied } from './apply.js';

const REFUSED = 'refused: field: not an address';
const truncated = (v4: number, v6: number) => applied(truncate({ v4, v6 }), 'ip');
const usual = truncated(24, 48);
const hex = (text: string | null): string =>
  Buffer.from(ipaddr.parse(text!).toByteArray()).toString('hex');

describe('truncate', () => {
  test('gives null for nothing, and refuses it where there is always an address', () => {
    expect([usual(null), usual('-'), usual('')]).toEqual([null, null, null]);
    const always = applied(truncate({ v4: 24, v6: 48 }), 'ip', false);
    expect([always('-'), always('')]).toEqual([REFUSED, REFUSED]);
  });

  test('keeps the bits it was told to', () => {
    expect(truncated(0, 0)('203.0.113.195')).toBe('0.0.0.0');
    expect(truncated(32, 128)('203.0.113.195')).toBe('203.0.113.195');
    expect(truncated(24, 56)('2001:db8:85a3:8d3:1319:8a2e:370:7348')).toBe('2001:db8:85a3:800::');
    expect(truncated(24, 128)('2001:DB8::0:1')).toBe('2001:db8::1');
  });

  test('takes no other number of bits', () => {
    for (const bits of [-1, 33, 1.5, NaN])
      expect(() => truncate({ v4: bits, v6: 48 })).toThrow('v4 must be');
    expect(() => truncate({ v4: 24, v6: 129 })).toThrow('v6 must be');
  });

  test('cuts an IPv4 address inside an IPv6 address as short as any other', () => {
    expect(usual('2002:cb00:71c3::1')).toBe('2002:cb00:7100::');
    const long = truncated(24, 128);
    expect(long('2002:cb00:71c3::1')).toBe('2002:cb00:7100::');
    expect(long('64:ff9b::203.0.113.195')).toBe('64:ff9b::cb00:7100');
    expect(long('64:ff9b:1::203.0.113.195')).toBe('64:ff9b:1::');
    expect(long('::203.0.113.195')).toBe('::cb00:7100');
    expect(long('::ffff:0:203.0.113.195')).toBe('::ffff:0:cb00:7100');
    expect(long('fe80::5efe:203.0.113.195')).toBe('fe80::5efe:cb00:7100');
    expect(long('fe80::200:5efe:203.0.113.195')).toBe('fe80::200:5efe:cb00:7100');
    expect(long('2001:0:4136:e378:8000:63bf:34ff:8e3c')).toBe(
      '2001:0:4136:e378:8000:63bf:34ff:8e00',
    );
  });

  test('is idempotent', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(32), fc.nat(128), (ip, v4, v6) => {
        const once = truncated(v4, v6)(ip);
        expect(truncated(v4, v6)(once)).toBe(once);
      }),
    );
  });

  test('gives one result for all spellings of an address', () => {
    const spellings = (ip: string): string[] => [` ${ip}`, `${ip}\r\n`, `"${ip}"`, `\t'${ip}' `];
    fc.assert(
      fc.property(fc.ipV4(), (ip) => {
        const mapped = ipaddr.IPv4.parse(ip).toIPv4MappedAddress();
        const all = [
          ip,
          `${ip}:443`,
          `::ffff:${ip}`,
          `[::ffff:${ip}]:80`,
          mapped.toString(),
          mapped.toNormalizedString(),
        ];
        for (const spelling of [...all, ...spellings(ip)]) expect(usual(spelling)).toBe(usual(ip));
      }),
    );
    fc.assert(
      fc.property(
        fc.ipV6().filter((ip) => !ip.includes('.')),
        (ip) => {
          const long = ipaddr.IPv6.parse(ip)
            .parts.map((part) => part.toString(16).padStart(4, '0'))
            .join(':');
          const all = [
            long,
            ip.toUpperCase(),
            `[${ip}]`,
            `[${ip}]:443`,
            `${ip}%eth0`,
            `[${ip}%25eth0]`,
          ];
          for (const spelling of [...all, ...spellings(ip)])
            expect(usual(spelling)).toBe(usual(ip));
        },
      ),
    );
  });

  test('never lets through what it cannot read', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.ipV4Extended(), fc.stringMatching(/^[0-9a-fx.:, ]{1,20}$/)),
        (text) => {
          const result = usual(text);
          if (result === null) expect(['', '-']).toContain(text);
          else if (result !== REFUSED) expect(result).toMatch(/\.0$|::$/);
        },
      ),
    );
  });
});

const vectors = conformance('privacy/ip-truncation');
(vectors ? describe : describe.skip)('the published rows of truncation', () => {
  test('of Matomo, IPv4 by octets', () => {
    for (const { ip, by_octets_masked } of vectors!.matomo_ipv4) {
      expect(
        by_octets_masked.map((_: string, octets: number) => truncated(32 - 8 * octets, 0)(ip)),
      ).toEqual(by_octets_masked);
    }
  });

  test('of Matomo, IPv6 by levels', () => {
    const { levels_kept_bits: levels, rows } = vectors!.matomo_ipv6;
    for (const { ip, expected_hex_by_level } of rows) {
      expect(levels.map((bits: number) => hex(truncated(32, bits)(ip)))).toEqual(
        expected_hex_by_level,
      );
    }
  });

  test('of rsyslog mmanon, which writes them longer', () => {
    for (const { family, bits_zeroed, pairs } of vectors!.rsyslog_mmanon) {
      for (const [ip, expected] of pairs) {
        const result = truncated(family === 4 ? 32 - bits_zeroed : 32, 128 - bits_zeroed)(ip);
        expect(hex(result)).toBe(hex(expected));
      }
    }
  });

  test('of Google Analytics', () => {
    const { rule, pairs } = vectors!.google_analytics;
    for (const [ip, expected] of pairs)
      expect(truncated(rule.ipv4_keep, rule.ipv6_keep)(ip)).toBe(expected);
  });

  test('derived ones, among them odd spellings', () => {
    const [plain, mapped, odd] = vectors!.derived;
    for (const { ip, kept_hex } of plain.rows) expect(hex(usual(ip))).toBe(kept_hex);
    for (const { ip, right } of mapped.rows) expect(usual(ip)).toBe(right);
    const results = Object.fromEntries(odd.rows.map((row: string) => [row, usual(row)]));
    for (const result of Object.values(results)) expect(result).not.toMatch(/195|c3\b/);
    expect(results).toEqual({
      '203.0.113.195:443': '203.0.113.0',
      '[2001:db8::1]:443': '2001:db8::',
      '[2001:db8::1%25eth0]': '2001:db8::',
      'fe80::1%eth0': 'fe80::',
      '64:ff9b::203.0.113.195': '64:ff9b::',
      '2002:cb00:71c3::1': '2002:cb00:7100::',
      '0xcb.0x0.0x71.0xc3': REFUSED,
      '3405803971': REFUSED,
      '0313.0.0161.0303': REFUSED,
      ' 203.0.113.195 ': '203.0.113.0',
      '203.0.113.195\n': '203.0.113.0',
      '"203.0.113.195"': '203.0.113.0',
      '203.0.113.195, 70.41.3.18': REFUSED,
      'for=203.0.113.195;proto=https': REFUSED,
    });
  });
});
