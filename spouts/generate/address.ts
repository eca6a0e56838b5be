/**
 * Draws the addresses of clients from the ranges of all five regional registries, so that most
 * countries occur. They belong to whoever they belong to: nothing else in a line is of a real person.
 *
 * @module
 */
import type { Random } from './random.js';

/** Writes an address at `at` and returns where it ends. At most 39 bytes. */
export function writeAddress(random: Random, to: Uint8Array, at: number): number {
  const registry = SHARES[random.below(SHARES.length)]!;
  if (random.below(12) === 0) return writeV6(registry, random, to, at);
  const first = registry.first;
  const bits = random.bits();
  at = writeOctet(to, at, first[random.below(first.length)]!);
  for (let shift = 16; shift >= 0; shift -= 8) {
    to[at++] = DOT;
    at = writeOctet(to, at, (bits >>> shift) & 255);
  }
  return at;
}

interface Registry {
  /** First octets of IPv4. */
  readonly first: readonly number[];
  /** The first 16 bits of IPv6, and how many of the next 16 are in use. */
  readonly v6: readonly (readonly [number, number])[];
}

const octets = (ranges: string): number[] =>
  ranges.split(' ').flatMap((range) => {
    const [from, to = from] = range.split('-').map(Number) as [number, number?];
    return Array.from({ length: to! - from + 1 }, (_, i) => from + i);
  });

const AFRINIC: Registry = { first: octets('41 102 105 154 196 197'), v6: [[0x2c0f, 0x10000]] };
const APNIC: Registry = {
  first: octets(
    '1 14 27 36 39 42 43 49 58-61 101 103 106 110-125 175 180 182 183 202 203 210 211 218-223',
  ),
  v6: [
    [0x2001, 0xdff],
    [0x2400, 0x10000],
    [0x2401, 0x10000],
    [0x2402, 0x10000],
    [0x2403, 0x10000],
    [0x2404, 0x10000],
    [0x2405, 0x10000],
  ],
};
const ARIN: Registry = {
  first: octets('4 8 12 23 24 50 63-76 96-99 104 107 108 173 174 184 199 204-209 216'),
  v6: [
    [0x2600, 0x2000],
    [0x2601, 0x800],
    [0x2602, 0x300],
    [0x2604, 0x10000],
    [0x2605, 0x10000],
    [0x2607, 0x10000],
  ],
};
const LACNIC: Registry = {
  first: octets('177 179 181 186-191 200 201'),
  v6: [
    [0x2800, 0x1000],
    [0x2803, 0x10000],
    [0x2804, 0x8000],
  ],
};
const RIPE: Registry = {
  first: octets('2 5 31 37 46 62 77-95 109 176 178 185 193-195 212 213 217'),
  v6: [
    [0x2a00, 0x2000],
    [0x2a01, 0x1000],
    [0x2a02, 0x10000],
    [0x2a03, 0x10000],
    [0x2a04, 0x10000],
    [0x2a05, 0x10000],
  ],
};

/** How often a client is of which registry. */
const SHARES = [
  ARIN,
  ARIN,
  ARIN,
  RIPE,
  RIPE,
  RIPE,
  RIPE,
  APNIC,
  APNIC,
  APNIC,
  LACNIC,
  LACNIC,
  AFRINIC,
  AFRINIC,
];

/** As `2a02:123::45:678`: a host in one of a /32's networks. */
function writeV6({ v6 }: Registry, random: Random, to: Uint8Array, at: number): number {
  const [first, count] = v6[random.below(v6.length)]!;
  const host = random.bits();
  at = writeHex(to, at, first);
  to[at++] = COLON;
  at = writeHex(to, at, random.below(count));
  to[at++] = COLON;
  to[at++] = COLON;
  at = writeHex(to, at, host >>> 16);
  to[at++] = COLON;
  return writeHex(to, at, host & 0xffff);
}

function writeOctet(to: Uint8Array, at: number, octet: number): number {
  if (octet > 99) to[at++] = 48 + ((octet / 100) | 0);
  if (octet > 9) to[at++] = 48 + (((octet / 10) | 0) % 10);
  to[at++] = 48 + (octet % 10);
  return at;
}

/** A group of 16 bits without leading zeros. */
function writeHex(to: Uint8Array, at: number, group: number): number {
  for (
    let shift = group > 0xfff ? 12 : group > 0xff ? 8 : group > 0xf ? 4 : 0;
    shift >= 0;
    shift -= 4
  ) {
    const digit = (group >>> shift) & 15;
    to[at++] = digit < 10 ? 48 + digit : 87 + digit;
  }
  return at;
}

const DOT = 46;
const COLON = 58;
