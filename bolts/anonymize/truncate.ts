/**
 * Shortens addresses to their network: the low bits become zero.
 *
 * What Google Analytics (24 and 48 bits), Matomo and rsyslog's mmanon do. All spellings of one
 * address give one result; what is no address is refused.
 *
 * @module
 */
import { address } from '../../topology/rows/address.js';
import type { Field } from '../../topology/rows/field.js';
import { addressRule } from './address-rule.js';
import type { Rule } from './rule.js';

/** Bits that are kept: of 32, and of 128. */
export interface KeptBits {
  readonly v4: number;
  readonly v6: number;
}

/**
 * Keeps the first bits of an address. An IPv6 address that carries an IPv4 address (6to4, NAT64,
 * Teredo, ISATAP, IPv4-compatible) keeps no more of that one than `v4` bits.
 *
 * All 32 or all 128 bits leave an address whole: what comes out still counts as one, and no sink takes it.
 *
 * @throws Error when the bits are not whole numbers in range
 *
 * @example
 * anonymize(Request, { ip: truncate({ v4: 24, v6: 48 }) }); // 203.0.113.195 becomes 203.0.113.0
 */
export function truncate({ v4, v6 }: KeptBits): Rule<'ip', Field<string>> {
  checkBits('v4', v4, 32);
  checkBits('v6', v6, 128);
  const keep = (family: 4 | 6): void => {
    if (family === 4) address.v4 = (address.v4 & mask(v4)) >>> 0;
    else keepFirst(Math.min(v6, embeddedV4At(address.v6) + v4), address.v6);
  };
  return addressRule('ip.truncate', { v4, v6 }, keep, v4 === 32 || v6 === 128);
}

function keepFirst(bits: number, words: Uint32Array): void {
  for (let i = 0; i < 4; i++) words[i] &= mask(bits - 32 * i);
}

/** The bit at which an address holds an IPv4 address; 128 when it holds none. */
function embeddedV4At(words: Uint32Array): number {
  const first = words[0];
  const second = words[1];
  const third = words[2];
  if (first >>> 16 === 0x2002) return 16; // 6to4, RFC 3056
  if (first === 0x64ff9b && second >>> 16 === 1) return 48; // local NAT64, RFC 8215: at the earliest
  const last32 =
    (first === 0x64ff9b && second === 0 && third === 0) || // NAT64, RFC 6052
    first === 0x20010000 || // Teredo, RFC 4380: inverted
    (third & 0xfdffffff) === 0x5efe || // ISATAP, RFC 5214
    (first === 0 && second === 0 && (third === 0 || third === 0xffff0000)); // IPv4-compatible, -translated
  return last32 ? 96 : 128;
}

/** A word of which the first `bits` bits are set: none below 1, all above 31. */
const mask = (bits: number): number => (bits <= 0 ? 0 : bits >= 32 ? -1 : -1 << (32 - bits));

function checkBits(name: string, bits: number, most: number): void {
  if (Number.isInteger(bits) && bits >= 0 && bits <= most) return;
  throw new Error(`truncate: ${name} must be a whole number of bits from 0 to ${most}.`);
}
