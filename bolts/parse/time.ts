/**
 * Reads the times of log lines from bytes, as milliseconds since 1970 UTC. Told apart by their looks:
 *
 *     2013-01-10T05:06:07.123+00:00     ISO 8601; `T` may be a space, zone and fraction may be missing (UTC)
 *     [17/May/2015:10:05:03 +0000]      Common Log Format; brackets and zone may be missing
 *     1169499304.066                    a count of seconds, or of what `unitMs` says
 *
 * Digits beyond the millisecond are cut off.
 *
 * @module
 */

/**
 * @param unitMs milliseconds in what a bare number counts
 * @returns NaN for what is no time
 */
export function readTime(bytes: Uint8Array, start: number, end: number, unitMs: number): number {
  if (bytes[start] === OPEN && bytes[end - 1] === CLOSE) {
    start++;
    end--;
  }
  // A day and a second: no shorter than this is either of the written forms.
  if (end - start >= 19 && bytes[start + 4] === DASH) return readIso(bytes, start, end);
  if (end - start >= 20 && bytes[start + 2] === SLASH) return readCommon(bytes, start, end);
  return readCount(bytes, start, end, unitMs);
}

function readIso(bytes: Uint8Array, start: number, end: number): number {
  const separator = bytes[start + 10];
  if (bytes[start + 7] !== DASH || (separator !== LETTER_T && separator !== SPACE)) return NaN;
  const year = pair(bytes, start) * 100 + pair(bytes, start + 2);
  const day = dayMs(year, pair(bytes, start + 5), pair(bytes, start + 8));
  return day + clockMs(bytes, start + 11) + restMs(bytes, start + 19, end);
}

function readCommon(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start + 6] !== SLASH || bytes[start + 11] !== COLON) return NaN;
  const letters = (bytes[start + 3] << 16) | (bytes[start + 4] << 8) | bytes[start + 5];
  const year = pair(bytes, start + 7) * 100 + pair(bytes, start + 9);
  const day = dayMs(year, MONTHS.indexOf(letters) + 1, pair(bytes, start));
  return day + clockMs(bytes, start + 12) + restMs(bytes, start + 20, end);
}

function readCount(bytes: Uint8Array, start: number, end: number, unitMs: number): number {
  if (start >= end || bytes[start] === DOT) return NaN;
  let count = 0;
  let at = start;
  for (; at < end && bytes[at] !== DOT; at++) count = count * 10 + digit(bytes[at]);
  const ms = count * unitMs + (at < end ? fractionMs(bytes, at, end) * (unitMs / 1000) : 0);
  return ms <= TIME_MAX_MS ? Math.floor(ms) : NaN;
}

/** `hh:mm:ss` in milliseconds. A leap second counts as the first of the next minute. */
function clockMs(bytes: Uint8Array, at: number): number {
  const hour = pair(bytes, at);
  const minute = pair(bytes, at + 3);
  const second = pair(bytes, at + 6);
  const fits = hour < 24 && minute < 60 && second < 61 && bytes[at + 2] === COLON && bytes[at + 5] === COLON;
  return fits ? ((hour * 60 + minute) * 60 + second) * 1000 : NaN;
}

/** What a fraction adds and a zone takes away. Nearly always there is neither, or three digits. */
function restMs(bytes: Uint8Array, at: number, end: number): number {
  if (at === end) return 0;
  let ms = 0;
  if (bytes[at] === DOT || bytes[at] === COMMA) {
    let last = at + 1;
    while (last < end && bytes[last] >= ZERO && bytes[last] <= NINE) last++;
    ms = fractionMs(bytes, at, last);
    at = last;
  }
  return at === end ? ms : ms - zoneMs(bytes, at, end);
}

/** `.123456`, from its dot, in thousandths. */
function fractionMs(bytes: Uint8Array, dot: number, end: number): number {
  let thousandths = 0;
  if (dot + 1 === end) return NaN;
  for (let i = 1; i <= 3; i++) thousandths = thousandths * 10 + (dot + i < end ? digit(bytes[dot + i]) : 0);
  for (let at = dot + 4; at < end; at++) if (!(digit(bytes[at]) >= 0)) return NaN;
  return thousandths;
}

/** `Z`, `+hh:mm`, `+hhmm` or `+hh`, with a space before it or not. */
function zoneMs(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] === SPACE) at++;
  if (bytes[at] === LETTER_Z && at + 1 === end) return 0;
  const sign = bytes[at] === PLUS ? 1 : bytes[at] === DASH ? -1 : NaN;
  const minutesAt = end - 2;
  const long = minutesAt === at + 3 || (minutesAt === at + 4 && bytes[at + 3] === COLON);
  if (!long && end !== at + 3) return NaN;
  const hours = pair(bytes, at + 1);
  const minutes = long ? pair(bytes, minutesAt) : 0;
  return hours < 24 && minutes < 60 ? sign * (hours * 60 + minutes) * 60_000 : NaN;
}

let cachedDay = -1;
let cachedMs = NaN;

/** Midnight of a day; NaN for 30 February. Lines come in order, so it is nearly always the day of the line before. */
function dayMs(year: number, month: number, day: number): number {
  const key = (year * 16 + month) * 32 + day;
  if (key === cachedDay) return cachedMs;
  const ms = Date.UTC(year, month - 1, day);
  const exists = month >= 1 && month <= 12 && new Date(ms).getUTCDate() === day && year >= 100;
  if (!exists) return NaN;
  cachedDay = key;
  return (cachedMs = ms);
}

/** Two digits, or NaN. */
const pair = (bytes: Uint8Array, at: number): number => digit(bytes[at]) * 10 + digit(bytes[at + 1]);

const digit = (byte: number): number => (byte >= ZERO && byte <= NINE ? byte - ZERO : NaN);

const code = (month: string): number => Buffer.from(month).readUIntBE(0, 3);
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ').map(code);

/** The last that a Date can tell. */
const TIME_MAX_MS = 8.64e15;
const OPEN = 91;
const CLOSE = 93;
const DASH = 45;
const SLASH = 47;
const COLON = 58;
const DOT = 46;
const COMMA = 44;
const PLUS = 43;
const SPACE = 32;
const LETTER_T = 84;
const LETTER_Z = 90;
const ZERO = 48;
const NINE = 57;
