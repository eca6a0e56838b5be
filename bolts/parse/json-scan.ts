/**
 * Finds the tokens of JSON (RFC 8259) in bytes, without making values of them.
 *
 * @module
 */
import { reject } from '../../topology/dsl/reject.js';
import { seen } from './scan.js';

export const malformed = (): never => reject('not a JSON object');

export function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  while (
    at < end &&
    (bytes[at] === 32 ||
      (bytes[at] >= 9 && bytes[at] <= 13 && bytes[at] !== 11 && bytes[at] !== 12))
  )
    at++;
  return at;
}

/**
 * The closing quote of the string whose text begins at `at`. Sets `seen.backslash` when there are escapes.
 * Looks at 4 bytes at a time: half the price of byte by byte.
 */
export function stringEnd(bytes: Uint8Array, view: DataView, at: number, end: number): number {
  while (at < end) {
    if (at + 4 <= end) {
      const word = view.getInt32(at, true);
      const quotes = word ^ 0x22222222;
      const backslashes = word ^ 0x5c5c5c5c;
      // The high bits of bytes that are a quote, a backslash or below a space. The first is exact.
      const stops =
        (((quotes - 0x01010101) & ~quotes) |
          ((backslashes - 0x01010101) & ~backslashes) |
          ((word - 0x20202020) & ~word)) &
        0x80808080;
      if (stops === 0) {
        at += 4;
        continue;
      }
      at += (31 - Math.clz32(stops & -stops)) >>> 3;
    }
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    if (byte < 32) malformed();
    if (byte === BACKSLASH) {
      seen.backslash = true;
      at += escapeLength(bytes, at + 1, end);
    }
    at++;
  }
  return malformed();
}

/** Of `n` or `u00e9`, behind the backslash. */
function escapeLength(bytes: Uint8Array, at: number, end: number): number {
  if (at < end && bytes[at] !== LETTER_U)
    return '"\\/bfnrt'.includes(String.fromCharCode(bytes[at])) ? 1 : malformed();
  if (at + 5 > end) malformed();
  for (let i = at + 1; i < at + 5; i++) if (!isHexDigit(bytes[i])) malformed();
  return 5;
}

/** Where the number, `true`, `false` or `null` at `at` ends. */
export function scalarEnd(bytes: Buffer, at: number, end: number): number {
  let last = at;
  while (last < end && !ENDS_SCALAR[bytes[last]]) last++;
  if (!isNumber(bytes, at, last) && !WORDS.has(bytes.latin1Slice(at, Math.min(last, at + 6))))
    malformed();
  return last;
}

/** Where the array or object at `at` ends. Nobody wants it, so its making and dropping may cost something. */
export function nestedEnd(bytes: Buffer, view: DataView, at: number, end: number): number {
  let depth = 0;
  for (let last = at; last < end; last++) {
    const byte = bytes[last];
    if (byte === QUOTE) last = stringEnd(bytes, view, last + 1, end);
    // `[` is 0x5b and `{` is 0x7b; the closing ones come two later.
    else if ((byte | 32) === 0x7b) depth++;
    else if ((byte | 32) === 0x7d && --depth === 0) return checked(bytes, at, last + 1);
  }
  return malformed();
}

function checked(bytes: Buffer, at: number, end: number): number {
  try {
    JSON.parse(bytes.utf8Slice(at, end));
    return end;
  } catch {
    return malformed();
  }
}

/** `-? (0 | [1-9] digits) (. digits)? (e [+-]? digits)?` */
function isNumber(bytes: Uint8Array, at: number, end: number): boolean {
  if (bytes[at] === MINUS) at++;
  const first = at;
  at = digitsEnd(bytes, at, end);
  if (at === first || (bytes[first] === ZERO && at > first + 1)) return false;
  if (at < end && bytes[at] === DOT) {
    const fraction = digitsEnd(bytes, at + 1, end);
    if (fraction === at + 1) return false;
    at = fraction;
  }
  if (at === end || (bytes[at] | 32) !== LETTER_E) return at === end;
  if (bytes[at + 1] === PLUS || bytes[at + 1] === MINUS) at++;
  const exponent = digitsEnd(bytes, at + 1, end);
  return exponent === end && exponent > at + 1;
}

function digitsEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] >= ZERO && bytes[at] <= ZERO + 9) at++;
  return at;
}

const isHexDigit = (byte: number): boolean =>
  (byte >= ZERO && byte <= ZERO + 9) || ((byte | 32) >= 97 && (byte | 32) <= 102);

const WORDS = new Set(['true', 'false', 'null']);
/** Blanks, `,`, `]` and `}`. */
const ENDS_SCALAR = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte <= 32 || byte === 44 || byte === 93 || byte === 125 ? 1 : 0,
);

export const QUOTE = 34;
const BACKSLASH = 92;
const LETTER_U = 117;
const LETTER_E = 101;
const MINUS = 45;
const PLUS = 43;
const DOT = 46;
const ZERO = 48;
