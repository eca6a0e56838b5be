/**
 * Reads IP addresses from bytes and writes them, without a string in between.
 *
 * One address can be spelled in many ways, and what is looked up or anonymized must not depend on
 * the spelling: `1.2.3.4`, `::ffff:1.2.3.4`, `1.2.3.4:80` and `"1.2.3.4"` are the same address here.
 * Spellings that programs disagree about (octal `010.0.0.1`, hex, one integer) are refused.
 *
 * @module
 */

/** The address that `parseAddress` read last, or that is to be formatted; reused by the next call. */
export const address = {
  /** A uint32: 1.2.3.4 is 0x01020304. Set after a 4. */
  v4: 0,
  /** Four uint32, the first 32 bits first. Set after a 6. */
  v6: new Uint32Array(4),
};

/**
 * Reads the address in bytes [start, end) into `address`.
 *
 * Takes dotted IPv4; IPv6 in every form of RFC 4291; IPv4-mapped IPv6 (as IPv4); each also with a
 * port (`1.2.3.4:80`, `[::1]:80`), in brackets, with a zone (`fe80::1%eth0`, RFC 4007), in quotes, among blanks.
 *
 * @returns the family, or 0 when this is no address
 */
export function parseAddress(bytes: Uint8Array, start: number, end: number): 0 | 4 | 6 {
  // Nearly all log lines hold plain dotted IPv4: tried before anything is trimmed.
  if (parseV4(bytes, start, end)) return 4;
  while (start < end && isPadding(bytes[start])) start++;
  while (start < end && isPadding(bytes[end - 1])) end--;
  if (bytes[start] === OPEN && start < end) return parseBracketed(bytes, start + 1, end);
  const colon = indexOf(bytes, COLON, start, end);
  if (colon < 0 || indexOf(bytes, COLON, colon + 1, end) >= 0) return parseBare(bytes, start, end);
  return isPort(bytes, colon, end) && parseV4(bytes, start, colon) ? 4 : 0;
}

/**
 * Writes `address` as canonical text: dotted IPv4, or IPv6 by RFC 5952. At most 39 bytes.
 *
 * @returns where the text ends
 */
export function formatAddress(family: 4 | 6, to: Uint8Array, at: number): number {
  return family === 4 ? formatV4(to, at) : formatV6(to, at);
}

const COLON = 58;
const DOT = 46;
const PERCENT = 37;
const OPEN = 91;
const CLOSE = 93;

function parseBracketed(bytes: Uint8Array, start: number, end: number): 0 | 4 | 6 {
  const close = indexOf(bytes, CLOSE, start, end);
  if (close < 0 || (close + 1 < end && !isPort(bytes, close + 1, end))) return 0;
  return parseBare(bytes, start, close);
}

/** Without port and brackets. Only IPv6 has zones. */
function parseBare(bytes: Uint8Array, start: number, end: number): 0 | 4 | 6 {
  const zone = indexOf(bytes, PERCENT, start, end);
  if (zone >= 0) return zone + 1 < end ? parseV6(bytes, start, zone) : 0;
  return parseV4(bytes, start, end) ? 4 : parseV6(bytes, start, end);
}

function parseV4(bytes: Uint8Array, start: number, end: number): boolean {
  let value = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  // `| 0`: as plain 32-bit numbers they need no checks, which halves the time.
  const last = end | 0;
  for (let i = start | 0; i < last; i = (i + 1) | 0) {
    const digit = (bytes[i] - 48) | 0;
    if (digit >= 0 && digit <= 9) {
      if (digits > 0 && octet === 0) return false; // 010 is 8 for some and 10 for others
      digits = (digits + 1) | 0;
      octet = (octet * 10 + digit) | 0;
      if (octet > 255) return false;
    } else {
      if (digit !== DOT - 48 || digits === 0 || dots === 3) return false;
      dots = (dots + 1) | 0;
      value = (value << 8) | octet;
      octet = digits = 0;
    }
  }
  if (dots !== 3 || digits === 0) return false;
  address.v4 = ((value << 8) | octet) >>> 0;
  return true;
}

/** The 16-bit groups as they are read, before a `::` among them is filled. */
const groups = new Uint16Array(8);

function parseV6(bytes: Uint8Array, start: number, end: number): 0 | 4 | 6 {
  let count = 0;
  let gap = -1;
  let i = start;
  if (bytes[i] === COLON) {
    if (i + 1 >= end || bytes[i + 1] !== COLON) return 0;
    gap = 0;
    i += 2;
  }
  while (i < end) {
    if (count === 8) return 0;
    const from = i;
    let group = 0;
    for (let digit; i < end && (digit = hexDigit(bytes[i])) >= 0; i++) group = (group << 4) | digit;
    if (i < end && bytes[i] === DOT) {
      if (count > 6 || !parseV4(bytes, from, end)) return 0;
      groups[count++] = address.v4 >>> 16;
      groups[count++] = address.v4 & 0xffff;
      break;
    }
    if (i === from || i - from > 4) return 0;
    groups[count++] = group;
    if (i === end) break;
    if (bytes[i++] !== COLON || i === end) return 0;
    if (bytes[i] === COLON) {
      if (gap >= 0) return 0;
      gap = count;
      i++;
    }
  }
  if (gap < 0 ? count !== 8 : count > 7) return 0;
  return fill(count, gap < 0 ? 8 : gap);
}

/** Groups before the gap lie at the front, the rest at the end. */
function fill(count: number, gap: number): 4 | 6 {
  const { v6 } = address;
  v6[0] = v6[1] = v6[2] = v6[3] = 0;
  for (let i = 0; i < count; i++) {
    const place = i < gap ? i : i + 8 - count;
    v6[place >> 1] |= groups[i] << (place & 1 ? 0 : 16);
  }
  if (v6[0] !== 0 || v6[1] !== 0 || v6[2] !== 0xffff) return 6;
  address.v4 = v6[3];
  return 4;
}

function formatV4(to: Uint8Array, at: number): number {
  for (let shift = 24; shift >= 0; shift -= 8) {
    const octet = (address.v4 >>> shift) & 255;
    if (octet > 99) to[at++] = 48 + ((octet / 100) | 0);
    if (octet > 9) to[at++] = 48 + (((octet / 10) | 0) % 10);
    to[at++] = 48 + (octet % 10);
    if (shift > 0) to[at++] = DOT;
  }
  return at;
}

function formatV6(to: Uint8Array, at: number): number {
  const gap = longestZeros();
  for (let i = 0; i < 8;) {
    if (i === gap.at) {
      if (i === 0) to[at++] = COLON;
      to[at++] = COLON;
      i += gap.length;
      continue;
    }
    const group = groupAt(i++);
    for (
      let shift = group > 0xfff ? 12 : group > 0xff ? 8 : group > 0xf ? 4 : 0;
      shift >= 0;
      shift -= 4
    ) {
      const digit = (group >>> shift) & 15;
      to[at++] = digit < 10 ? 48 + digit : 87 + digit;
    }
    if (i < 8) to[at++] = COLON;
  }
  return at;
}

const longest = { at: -1, length: 0 };

/** What `::` stands for: the first of the longest runs of two or more zero groups (RFC 5952, 4.2). */
function longestZeros(): { at: number; length: number } {
  longest.at = -1;
  longest.length = 1;
  for (let i = 0, run = 0; i < 8; i++) {
    run = groupAt(i) === 0 ? run + 1 : 0;
    if (run > longest.length) {
      longest.length = run;
      longest.at = i + 1 - run;
    }
  }
  return longest;
}

const groupAt = (i: number): number => (address.v6[i >> 1] >>> (i & 1 ? 0 : 16)) & 0xffff;

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** Whether [colon, end) is a colon and a port number. */
function isPort(bytes: Uint8Array, colon: number, end: number): boolean {
  if (bytes[colon] !== COLON || end - colon < 2 || end - colon > 6) return false;
  for (let i = colon + 1; i < end; i++) if (bytes[i] < 48 || bytes[i] > 57) return false;
  return true;
}

/** Blanks, line ends and quotes. */
const isPadding = (byte: number): boolean => byte <= 32 || byte === 34 || byte === 39;

/** As `bytes.indexOf`, but it stops at `end`. */
function indexOf(bytes: Uint8Array, byte: number, start: number, end: number): number {
  for (let i = start; i < end; i++) if (bytes[i] === byte) return i;
  return -1;
}
