import { isIPv4, isIPv6 } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { address, formatAddress, parseAddress } from '../../../topology/rows/address.js';

/** Between other bytes, so that a reader that runs over the ends is caught. */
function parse(text: string): 0 | 4 | 6 {
  const bytes = Buffer.from(`1.:f${text}9.:f`);
  return parseAddress(bytes, 4, bytes.length - 4);
}

function canonical(text: string): string | undefined {
  const family = parse(text);
  return family === 0 ? undefined : format(family);
}

function format(family: 4 | 6): string {
  const to = Buffer.alloc(64, '#');
  const end = formatAddress(family, to, 3);
  expect(to.toString('latin1', 0, 3) + to.toString('latin1', end)).toMatch(/^#+$/);
  return to.toString('latin1', 3, end);
}

const v4 = fc.ipV4();
const words = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });
/** Every way to shorten, widen and case eight groups. */
const v6 = fc.oneof(
  fc.ipV6(),
  fc.tuple(words, fc.constantFrom('short', 'long', 'upper', '5952')).map(([groups, how]) => {
    const plain = groups.map((g) => g.toString(16));
    if (how === 'long') return plain.map((g) => g.padStart(4, '0')).join(':');
    if (how === 'upper') return plain.join(':').toUpperCase();
    return how === 'short' ? plain.join(':') : new ipaddr.IPv6(groups).toRFC5952String();
  }),
);

describe('an address', () => {
  test('in dotted form has its 32 bits', () => {
    expect(parse('192.0.2.255')).toBe(4);
    expect(address.v4).toBe(0xc00002ff);
    fc.assert(
      fc.property(v4, (text) => {
        expect(parse(text)).toBe(4);
        expect(Buffer.from(ipaddr.IPv4.parse(text).toByteArray()).readUInt32BE(0)).toBe(address.v4);
      }),
    );
  });

  test('of version 6 has its 128 bits in whatever form', () => {
    fc.assert(
      fc.property(v6, (text) => {
        const expected = ipaddr.IPv6.parse(text);
        fc.pre(!expected.isIPv4MappedAddress());
        expect(parse(text)).toBe(6);
        const groups = [...address.v6].flatMap((word) => [word >>> 16, word & 0xffff]);
        expect(groups).toEqual(expected.parts);
      }),
    );
  });

  test('that maps IPv4 into IPv6 is the IPv4 address', () => {
    fc.assert(
      fc.property(v4, (text) => {
        const [a, b] = ipaddr.IPv4.parse(text).toIPv4MappedAddress().parts.slice(6) as [
          number,
          number,
        ];
        for (const mapped of [
          `::ffff:${text}`,
          `0:0:0:0:0:FFFF:${text}`,
          `::ffff:${a.toString(16)}:${b.toString(16)}`,
        ]) {
          expect(canonical(mapped)).toBe(text);
        }
      }),
    );
    expect(canonical('::1.2.3.4')).toBe('::102:304'); // IPv4-compatible is not mapped
    expect(canonical('64:ff9b::1.2.3.4')).toBe('64:ff9b::102:304');
  });

  test('is the same with a port, brackets, a zone, quotes or blanks', () => {
    fc.assert(
      fc.property(v4, fc.nat(65535), (text, port) => {
        for (const spelled of [
          `${text}:${port}`,
          `[${text}]`,
          ` ${text}\t`,
          `"${text}"`,
          `" ${text}:${port}"\r\n`,
          `'${text}'`,
        ]) {
          expect(canonical(spelled)).toBe(text);
        }
      }),
    );
    fc.assert(
      fc.property(v6, fc.nat(65535), (text, port) => {
        const plain = canonical(text);
        for (const spelled of [
          `[${text}]:${port}`,
          `[${text}]`,
          `${text}%eth0`,
          `[${text}%25eth0]:${port}`,
          ` "${text}" `,
        ]) {
          expect(canonical(spelled)).toBe(plain);
        }
      }),
    );
  });

  test.each([
    '',
    ' ',
    '-',
    '""',
    '[',
    '[]',
    '1',
    '1.2',
    '1.2.3',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    '1.2.3.4.',
    '1.2.3.4.5',
    '256.1.1.1',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.04',
    '00.0.0.0',
    '0x1.2.3.4',
    '0x7f000001',
    '2130706433',
    '017700000001',
    '+1.2.3.4',
    '1.2.3.4a',
    '1.2.3.-4',
    '1.2.3.4:',
    '1.2.3.4:x',
    '1.2.3.4:123456',
    ':80',
    '1.2.3.4%eth0',
    '1.2.3.4/24',
    '1.2.3.4, 5.6.7.8',
    ':',
    ':::',
    '::1::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    ':1::',
    '1:',
    '12345::',
    '::g',
    '::1.2.3',
    '::1.2.3.04',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::1.2.3.4:5',
    'fe80::1%',
    '[::1',
    '::1]',
    '[::1]80',
    '[::1]:',
    '[::1]:x',
    '[::1]]',
    'localhost',
    '１.2.3.4',
  ])('%j is none', (text) => {
    expect(parse(text)).toBe(0);
  });

  test('is taken and refused as Node takes and refuses it, for any text of its letters', () => {
    const letters = fc.constantFrom(
      '0',
      '1',
      '12',
      '255',
      '256',
      'f',
      'ffff',
      'FFFF',
      ':',
      '::',
      '.',
    );
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 14 }), (parts) => {
        const text = parts.join('');
        fc.pre(!/^[\d.]+:\d+$/.test(text)); // a port: Node knows none
        const expected = isIPv4(text) || isIPv6(text);
        expect(parse(text) !== 0).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });

  test('is written in canonical form', () => {
    fc.assert(fc.property(v4, (text) => expect(canonical(text)).toBe(text)));
    fc.assert(
      fc.property(v6, (text) => {
        const expected = ipaddr.IPv6.parse(text);
        fc.pre(!expected.isIPv4MappedAddress());
        expect(canonical(text)).toBe(expected.toRFC5952String());
      }),
    );
  });

  test.each([
    // Most are the examples of RFC 5952, section 4.
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::AAAA', '2001:db8::aaaa'],
    ['::', '::'],
    ['1::', '1::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['1:2:3:4:5:6:0:0', '1:2:3:4:5:6::'],
  ])('%s is written as %s', (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });
});
