/**
 * Finds addresses and e-mail addresses in text, also where percent-encoding or full-width characters hide them.
 *
 * It errs towards too much, as rsyslog's mmanon does: word boundaries do not count (`x1.2.3.4y`), a
 * version of four small numbers is taken for an address, and so is what stands around any `::`.
 * What it cannot see: addresses as one integer, with dashes for dots, in base64.
 *
 * @module
 */
import { decodeFully, decodeLayer, FULL_WIDTH } from './decode.js';
import { escapedByte } from './percent.js';

export const ADDRESS = 1;
export const EMAIL = 2;

/**
 * Whether bytes [start, end) are worth a closer look. The quick test that nearly all values need
 * only: three dots before digits, two colons, an `@`, a full-width character, or an escape of a character that matters.
 */
export function isSuspicious(bytes: Uint8Array, start: number, end: number): boolean {
  let dots = 0;
  let colons = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if ((byte - LETTERS) >>> 0 < FULL_WIDTH - LETTERS) continue; // most bytes take one comparison
    if (byte === DOT && i + 1 < end && is(bytes[i + 1], DIGIT) && ++dots === 3) return true;
    if (byte === COLON && ++colons === 2) return true;
    if (byte === AT || byte === FULL_WIDTH) return true;
    if (byte === PERCENT && isTelling(escapedByte(bytes, i, end))) return true;
  }
  return false;
}

const isTelling = (escaped: number): boolean => escaped >= 0 && is(escaped, TELLING);

/** What bytes [start, end) hold: 0, `ADDRESS` or, where both, `EMAIL`. */
export function found(bytes: Uint8Array, start: number, end: number): number {
  if (!isSuspicious(bytes, start, end)) return 0;
  const marks = findAll(bytes, start, end);
  let most = 0;
  for (let i = 0; i < end - start; i++) if (marks[i] > most) most = marks[i];
  return most;
}

/**
 * Marks each byte of [start, end) that belongs to an address or e-mail address, at its distance from `start`.
 * The marks are good until the next call.
 */
export function findAll(bytes: Uint8Array, start: number, end: number): Uint8Array {
  let length = end - start;
  if (length >= marks.length) makeRoom(length);
  marks.fill(0, 0, length);
  for (let i = 0; i < length; i++) layer[i] = bytes[start + i];
  for (let i = 0; i <= length; i++) places[i] = i;
  findInLayer(length);
  for (let i = 0, decoded = 0; i <= LAYERS_MAX && decoded !== length; i++) {
    if (i > 0) length = decoded;
    decoded = (i < LAYERS_MAX ? decodeLayer : decodeFully)(layer, length, places);
    if (decoded !== length) findInLayer(decoded);
  }
  return marks;
}

/** So many layers of encoding are looked at one by one, then what the last one shows: one by one the time would be the square. */
const LAYERS_MAX = 3;

// The text as one layer of decoding shows it, and where each of its bytes begins in the original.
let layer = new Uint8Array(4096);
let places = new Int32Array(4097);
let marks = new Uint8Array(4096);

function makeRoom(length: number): void {
  layer = new Uint8Array(2 * length);
  places = new Int32Array(2 * length + 1);
  marks = new Uint8Array(2 * length);
}

function mark(start: number, end: number, what: number): void {
  for (let i = places[start]; i < places[end]; i++) if (marks[i] < what) marks[i] = what;
}

function findInLayer(length: number): void {
  for (let i = 0; i < length;) {
    if (layer[i] === AT) markEmail(i, length);
    i = is(layer[i], HEX | COLONS) ? markRun(i, length) : i + 1;
  }
}

/** An e-mail address around the `@` at `at`, also the user and password of a URL. */
function markEmail(at: number, length: number): void {
  const start = localStart(at);
  let end = at + 1;
  while (end < length && is(layer[end], DOMAIN)) end++;
  while (layer[end - 1] === DOT || layer[end - 1] === DASH) end--;
  let dot = end - 1;
  while (dot > at && layer[dot] !== DOT) dot--;
  const isDomain = dot > at + 1 && (end - dot > 2 || is(layer[end - 1], DIGIT));
  const isLogin = start > 1 && layer[start - 1] === SLASH && layer[start - 2] === SLASH;
  if (start < at && (isDomain || (isLogin && end > at + 1))) mark(start, end, EMAIL);
}

/** Where what stands before the `@` at `at` begins: `john`, `"john doe"`, `john."x y"`. Of a quote that does not begin, all that may be of it. */
function localStart(at: number): number {
  const least = Math.max(0, at - LOCAL_BYTES_MAX);
  for (let start = at; ;) {
    while (start > 0 && is(layer[start - 1], LOCAL)) start--;
    const isWord = start === at || layer[start] === DOT;
    if (!isWord || start <= least || layer[start - 1] !== QUOTE) return start;
    start--;
    while (start > least && !isQuote(--start));
  }
}

const isQuote = (at: number): boolean =>
  layer[at] === QUOTE && (at === 0 || layer[at - 1] !== BACKSLASH);

/** RFC 5321, section 4.5.3.1.1. Without a bound, the time would be the square of what escaped quotes there are. */
const LOCAL_BYTES_MAX = 64;

/** Marks what the hex digits and colons that begin at `start` belong to, and returns where to go on. */
function markRun(start: number, length: number): number {
  let end = start;
  let colons = 0;
  let double = false;
  for (; end < length && is(layer[end], HEX | COLONS); end++) {
    if (layer[end] !== COLON) continue;
    if (colons++ > 0 && layer[end - 1] === COLON) double = true;
  }
  let digits = end;
  while (digits > start && is(layer[digits - 1], DIGIT)) digits--;
  const quad = readNumbers(digits, length);
  // IPv6 in full has seven colons, six before an IPv4 address. Five has a MAC address, which is as much one's own.
  if (double || colons > 4 || (quad && colons > 1)) mark(start, numbers.end, ADDRESS);
  else if (quad) mark(digits, numbers.end, ADDRESS);
  // The last number may begin another address, as in `1.2.fe80::1`.
  const goesOn =
    numbers.last > start && numbers.end < length && is(layer[numbers.end], HEX | COLONS);
  return goesOn ? numbers.last : numbers.end;
}

/** Where the numbers joined by single dots end that were read last, and where the last of them begins. */
const numbers = { last: 0, end: 0 };

/**
 * Reads numbers joined by dots, and whether four in a row can be an address. The first and the last of
 * the four may be parts of longer numbers: `1111.1.1.8` holds `111.1.1.8`.
 */
function readNumbers(start: number, length: number): boolean {
  let quad = false;
  let octets = 0; // in a row before this number, without the first
  for (let count = 0, at = start; ; count++) {
    let end = at;
    while (end < length && is(layer[end], DIGIT)) end++;
    numbers.last = at;
    numbers.end = end;
    if (count > 2 && octets > 1) quad = true;
    octets = count > 0 && isOctet(at, end) ? octets + 1 : 0;
    if (end === at || end + 1 >= length || layer[end] !== DOT || !is(layer[end + 1], DIGIT))
      return quad;
    at = end + 1;
  }
}

/** Up to 255, in decimal or, after a zero, in octal. */
function isOctet(start: number, end: number): boolean {
  if (layer[start] === ZERO) return end - start < 5;
  let value = 0;
  for (let i = start; i < end; i++) value = Math.min(value * 10 + layer[i] - ZERO, 256);
  return value < 256;
}

const QUOTE = 34;
const PERCENT = 37;
const DASH = 45;
const DOT = 46;
const SLASH = 47;
const ZERO = 48;
const COLON = 58;
const AT = 64;
const LETTERS = 65;
const BACKSLASH = 92;

const DIGIT = 1;
const HEX = 2;
const COLONS = 4;
/** What may stand before the `@`; the colon for `user:password@`. */
const LOCAL = 8;
const DOMAIN = 16;
/** What addresses are made of: worth decoding. */
const TELLING = 32;

const CLASSES = classes();
const is = (byte: number, what: number): boolean => (CLASSES[byte] & what) !== 0;

function classes(): Uint8Array {
  const of = new Uint8Array(256);
  const add = (characters: string, what: number): void => {
    for (const byte of Buffer.from(characters)) of[byte] |= what;
  };
  const digits = '0123456789';
  const hex = 'abcdefABCDEF';
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  add(digits, DIGIT);
  add(digits + hex, HEX | TELLING);
  add(':', COLONS);
  add('.:@%', TELLING);
  add(`${digits}${letters}.-`, LOCAL | DOMAIN);
  add("!#$%'*+:^_`{|}~", LOCAL);
  of[FULL_WIDTH] |= TELLING;
  for (let byte = 128; byte < 256; byte++) of[byte] |= LOCAL | DOMAIN;
  return of;
}
