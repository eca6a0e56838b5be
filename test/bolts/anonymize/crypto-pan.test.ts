import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CryptoPan, keyFromPassphrase, prefixPreserving } from '../../../bolts/anonymize/index.js';
import { address, formatAddress, parseAddress } from '../../../topology/rows/address.js';
import { conformance } from '../../support/conformance.js';
import { applied } from './apply.js';

const key = Buffer.from('1522178d33a4cf80130a5b1649907d10d8988f837979652762574c2d2a842202', 'hex');
const pan = new CryptoPan(key);

const words = fc.uint32Array({ minLength: 4, maxLength: 4 });
const mappedV6 = (from: ArrayLike<number>): Uint32Array => {
  const to = Uint32Array.from(from);
  pan.v6(to);
  return to;
};

/** How many first bits two addresses share. */
function shared(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return 32 * i + Math.clz32(a[i] ^ b[i]);
  return 32 * a.length;
}

describe('Crypto-PAn', () => {
  test('preserves common prefixes exactly, so that it is one to one', () => {
    const near = fc
      .tuple(fc.nat(0xffffffff), fc.nat(32))
      .map(([a, bit]) => [a, (a ^ (1 << bit)) >>> 0] as const);
    fc.assert(
      fc.property(near, ([a, b]) =>
        expect(shared([pan.v4(a)], [pan.v4(b)])).toBe(shared([a], [b])),
      ),
    );
    fc.assert(
      fc.property(words, fc.nat(127), fc.nat(0xffffffff), (a, bit, noise) => {
        const b = Uint32Array.from(a);
        b[bit >> 5] ^= 1 << (31 - (bit & 31));
        b[3] ^= bit < 96 ? noise : 0;
        expect(shared(mappedV6(a), mappedV6(b))).toBe(shared(a, b));
      }),
    );
  });

  test('maps IPv4 as the first 32 bits of IPv6', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), (a) => expect(pan.v4(a)).toBe(mappedV6([a, 0, 0, 0])[0])),
    );
  });

  test('gives the same result when an address comes again, also after others', () => {
    const results = new Map(Array.from({ length: 40_000 }, (_, i) => [(i * 107_001) >>> 0, 0]));
    for (const a of results.keys()) results.set(a, pan.v4(a));
    for (const [a, result] of results) expect(pan.v4(a)).toBe(result);
    const anew = new CryptoPan(key);
    for (const a of [...results.keys()].slice(-2000)) expect(anew.v4(a)).toBe(results.get(a));
    expect(new Set(results.values()).size).toBe(results.size);
  });
});

describe('prefixPreserving', () => {
  test('gives one pseudonym to all spellings of an address', () => {
    const rule = applied(prefixPreserving(key), 'ip');
    expect(rule('::ffff:128.11.68.132')).toBe('135.242.180.132');
    expect(rule('[2001:db8:0::1]:443')).toBe(rule('2001:db8::1'));
    expect(rule('0200.11.68.132')).toBe('refused: field: not an address');
  });

  test('shows its key only by an id', () => {
    const { parameters } = prefixPreserving(key);
    expect(parameters).toEqual({ key: expect.stringMatching(/^[0-9a-f]{8}$/) });
    expect(prefixPreserving(keyFromPassphrase('testing')).parameters).not.toEqual(parameters);
  });
});

const vectors = conformance('privacy/crypto-pan');
(vectors ? describe : describe.skip)('the published pairs of Crypto-PAn', () => {
  test('come out for all keys', () => {
    let pairs = 0;
    for (const { key_hex, ipv4, ipv6 } of vectors!.sets) {
      const own = new CryptoPan(Buffer.from(key_hex, 'hex'));
      for (const [ip, expected] of [...ipv4, ...ipv6]) {
        expect(direct(own, ip)).toBe(canonical(expected));
        pairs++;
      }
    }
    expect(pairs).toBe(146);
  });

  test('come out for the reference trace', () => {
    const { key_hex, pairs } = vectors!.reference_trace;
    const rule = applied(prefixPreserving(Buffer.from(key_hex, 'hex')), 'ip');
    for (const [ip, expected] of pairs) expect(rule(ip)).toBe(expected);
  });

  test('do not come out for what only looks like Crypto-PAn', () => {
    const [libanon] = vectors!.non_interoperable_variants;
    const rule = applied(prefixPreserving(Buffer.from(libanon.key_hex, 'hex')), 'ip');
    for (const [ip, lookalike] of libanon.ipv4) expect(rule(ip)).not.toBe(lookalike);
  });

  test('refuse keys that are short or zero', () => {
    for (const { key_hex } of vectors!.must_reject) {
      expect(() => new CryptoPan(Buffer.from(key_hex, 'hex'))).toThrow('Crypto-PAn');
    }
  });

  /** Without the rule that IPv4-mapped addresses are IPv4: one published pair is such a trap. */
  function direct(own: CryptoPan, ip: string): string {
    const isMapped = ip.startsWith('::ffff:');
    const family = isMapped ? 6 : read(ip);
    if (isMapped) address.v6.set([0, 0, 0xffff, (read(ip), address.v4)]);
    if (family === 4) address.v4 = own.v4(address.v4);
    else own.v6(address.v6);
    return written(family);
  }
});

const cases = conformance('wikimedia/ip_anonymization');
(cases ? describe : describe.skip)('libanon', () => {
  const of = (fn: string): any[] => cases!.cases.filter((one: any) => one.input.fn === fn);

  test('maps the same addresses the same way', () => {
    for (const { input, expected } of of('prefixPreserving')) {
      const own = new CryptoPan(keyFromPassphrase(input.passphrase));
      const family = read(input.ip);
      if (family === 4) address.v4 = own.v4(address.v4);
      else own.v6(address.v6);
      expect(written(family)).toBe(canonical(expected));
    }
  });

  // libanon prints all 40 bytes of its two hashes, of which Crypto-PAn uses 32.
  test('makes the same keys of passphrases', () => {
    for (const { input, expected } of of('keyFromPassphrase')) {
      expect(Buffer.from(keyFromPassphrase(input.passphrase)).toString('hex')).toBe(
        expected.slice(0, 64),
      );
    }
  });
});

function read(ip: string): 4 | 6 {
  const bytes = Buffer.from(ip);
  const family = parseAddress(bytes, 0, bytes.length);
  if (family === 0) throw new Error(`not an address: ${ip}`);
  return family;
}

function written(family: 4 | 6): string {
  const bytes = Buffer.alloc(39);
  return bytes.latin1Slice(0, formatAddress(family, bytes, 0));
}

const canonical = (ip: string): string => written(read(ip));
