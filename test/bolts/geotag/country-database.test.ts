import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { Reader } from 'maxmind';
import {
  openCountryDatabase,
  type CountryDatabase,
} from '../../../bolts/geotag/country-database.js';
import { conformance, sample } from '../../support/conformance.js';

const shipped = createRequire(import.meta.url).resolve(
  '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb',
);

const countryOf = (database: CountryDatabase, ip: string): string =>
  database.countryOf(Buffer.from(ip), 0, Buffer.byteLength(ip));

/** What MaxMind's reader says: the reference. */
function reference(reader: Reader<never>, ip: string): string {
  const record = reader.get(ip) as {
    country?: { iso_code?: string };
    country_code?: string;
  } | null;
  return record?.country?.iso_code ?? record?.country_code ?? '--';
}

/** An address, and the first and last of its network with their neighbours outside. */
function around(reader: Reader<never>, bytes: readonly number[]): string[] {
  const bits = bytes.length * 8;
  const [, found] = reader.getWithPrefixLength(ipaddr.fromByteArray([...bytes]).toString());
  const host = BigInt(bits - found);
  const value = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const first = (value >> host) << host;
  const last = first + (1n << host) - 1n;
  const all = [value, first, last, first - 1n, last + 1n].filter(
    (n) => n >= 0n && n < 1n << BigInt(bits),
  );
  return all.map((n) => {
    const hex = n.toString(16).padStart(bits / 4, '0');
    return ipaddr.fromByteArray([...Buffer.from(hex, 'hex')]).toString();
  });
}

const octets = (length: number) => fc.array(fc.nat(255), { minLength: length, maxLength: length });
/** Most of random IPv6 space is empty: these lie where addresses are given out. */
const v6Bytes = fc.oneof(
  octets(16),
  fc
    .tuple(
      fc.constantFrom(
        [0x20, 0x01],
        [0x24, 0x00],
        [0x26, 0x00],
        [0x28, 0x03],
        [0x2a, 0x02],
        [0x2c, 0x0f],
        [0x20, 0x02],
      ),
      octets(14),
    )
    .map(([prefix, rest]) => [...prefix, ...rest]),
  fc
    .tuple(fc.constantFrom([0x20, 0x01, 0x02], [0x20, 0x01, 0x06], [0x2a, 0x02, 0x10]), octets(13))
    .map(([p, rest]) => [...p, ...rest]),
);

describe.each([
  ['the shipped database', shipped],
  ['GeoLite2-Country', sample('geo/GeoLite2-Country-Test.mmdb')],
  ['GeoLite2-City', sample('geo/GeoLite2-City-Test.mmdb')],
])('%s', (_, path) => {
  if (path === undefined) return test.skip('is not there', () => {});
  const reader = new Reader<never>(readFileSync(path));
  let database: CountryDatabase;
  beforeAll(async () => {
    database = await openCountryDatabase(path);
  });

  test('tells what maxmind tells, for random IPv4 addresses and the borders of their networks', () => {
    fc.assert(
      fc.property(octets(4), (bytes) => {
        for (const ip of around(reader, bytes))
          expect([ip, countryOf(database, ip)]).toEqual([ip, reference(reader, ip)]);
      }),
      { numRuns: 500 },
    );
  });

  test('tells what maxmind tells, for random IPv6 addresses and the borders of their networks', () => {
    fc.assert(
      fc.property(v6Bytes, (bytes) => {
        for (const ip of around(reader, bytes)) {
          const plain = ipaddr.parse(ip);
          fc.pre(!('isIPv4MappedAddress' in plain && plain.isIPv4MappedAddress()));
          expect([ip, countryOf(database, ip)]).toEqual([ip, reference(reader, ip)]);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('tells what maxmind tells, at every border of its IPv4 networks', () => {
    const wrong: string[] = [];
    // In steps when it has hundreds of thousands.
    let count = 0;
    for (let ip = 0; ip < 2 ** 32;) {
      const text = [ip >>> 24, (ip >>> 16) & 255, (ip >>> 8) & 255, ip & 255].join('.');
      const [, prefix] = reader.getWithPrefixLength(text);
      // For IPv4 found above its root the prefix is that of the root.
      if (countryOf(database, text) !== reference(reader, text)) wrong.push(text);
      ip += 2 ** (32 - Math.min(prefix, 32));
      if (++count > 20_000) ip += 2 ** 18;
    }
    expect(wrong).toEqual([]);
  });

  test('knows an address by every spelling, and no country where there is no address', () => {
    const known = [
      '81.2.69.160',
      '::ffff:81.2.69.160',
      '81.2.69.160:443',
      ' "81.2.69.160"',
      '[::ffff:5102:45a0]:80',
    ];
    expect(known.map((ip) => countryOf(database, ip))).toEqual(known.map(() => 'GB'));
    for (const none of ['', '-', 'localhost', '0x51.2.69.160', '127.0.0.1', '::1']) {
      expect(countryOf(database, none)).toBe('--');
    }
  });
});

test('the country codes of the published cases come out', async () => {
  const cases = conformance('wikimedia/geocode')?.['cases'] as
    | { input: { ip: string | null }; expected: { country_code: string } }[]
    | undefined;
  const path = sample('geo/GeoLite2-City-Test.mmdb');
  if (cases === undefined || path === undefined) return;
  const database = await openCountryDatabase(path);
  for (const { input, expected } of cases) {
    expect(countryOf(database, input.ip ?? '')).toBe(expected.country_code);
  }
});

describe('a database that cannot be used is an error that names it and says', () => {
  const folder = mkdtempSync(join(tmpdir(), 'squall-geo-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const file = (name: string, bytes: Buffer): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const why = async (path: string): Promise<string> => {
    const error = await openCountryDatabase(path).then(
      () => undefined,
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(Error);
    const { message } = error as Error;
    expect(message).toContain(path);
    return message;
  };
  const bytes = readFileSync(shipped);

  test('that it is missing', async () => {
    expect(await why(join(folder, 'none.mmdb'))).toMatch(/no such file/);
  });

  test('that it is another kind of file', async () => {
    expect(await why(file('text.mmdb', Buffer.from('not a database')))).toMatch(
      /no MaxMind DB file/,
    );
    expect(await why(file('empty.mmdb', Buffer.alloc(0)))).toMatch(/no MaxMind DB file/);
  });

  test('that its end is missing, or its middle', async () => {
    expect(await why(file('end.mmdb', bytes.subarray(0, 5_000_000)))).toMatch(/no MaxMind DB file/);
    const middle = Buffer.concat([bytes.subarray(0, 3_000_000), bytes.subarray(5_000_000)]);
    expect(await why(file('middle.mmdb', middle))).toMatch(/cut short/);
  });

  test('that it has no countries', async () => {
    const path = sample('geo/GeoLite2-ASN-Test.mmdb');
    if (path !== undefined)
      expect(await why(path)).toMatch(/knows no countries.*GeoLite2-ASN.*use a Country or City/);
  });

  test('that its search tree is broken', async () => {
    const path = sample('geo/MaxMind-DB-test-broken-search-tree-24.mmdb');
    if (path !== undefined) expect(await why(path)).toMatch(/search tree is broken/);
    const wild = Buffer.from(bytes);
    wild.fill(0xff, 600, 606); // node 100 points far behind the data
    expect(await why(file('wild.mmdb', wild))).toMatch(
      /search tree is broken: it points outside the data/,
    );
    const round = Buffer.from(bytes);
    round.fill(0, 600, 606); // node 100 points to the root
    expect(await why(file('round.mmdb', round))).toMatch(
      /search tree is broken: it runs in a circle/,
    );
  });

  test('that its data is broken', async () => {
    const path = sample('geo/GeoIP2-City-Test-Broken-Double-Format.mmdb');
    if (path !== undefined) expect(await why(path)).toMatch(/data is broken: a double of 5 bytes/);
    const { searchTreeSize } = new Reader<never>(bytes).metadata;
    const cases: [number, number, RegExp][] = [
      [0x00, 0x7f, /an unknown type/],
      [0x5f, 0xff, /a text cut short/],
      [0x42, 0xff, /a text that is not UTF-8/],
      [0x2f, 0xff, /a pointer to nowhere/],
    ];
    for (const [i, [control, next, expected]] of cases.entries()) {
      const bad = Buffer.from(bytes);
      bad[searchTreeSize + 16] = control;
      bad[searchTreeSize + 17] = next;
      expect(await why(file(`data${i}.mmdb`, bad))).toMatch(expected);
    }
  });
});
