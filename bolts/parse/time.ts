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
 * @param view of the same memory as `bytes`
 * @param unitMs milliseconds in what a bare number counts
 * @returns NaN for what is no time
 */
export function readTime(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  unitMs: number,
): number {
  if (bytes[start] === OPEN && bytes[end - 1] === CLOSE) {
    start++;
    end--;
  }
  // Neither of the written forms is shorter than its date and time to the second.
  if (end - start >= 19 && bytes[start + 4] === DASH)
    return readWritten(bytes, view, start, start + 16, end);
  if (end - start >= 20 && bytes[start + 2] === SLASH)
    return readWritten(bytes, view, start, start + 17, end);
  return readCount(bytes, start, end, unitMs);
}

// The minute that was read last, and its bytes: 16 of ISO 8601 or 17 of the other. Lines come about in order, so
// it is nearly always the next line's as well: 20 ns a time instead of 90.
const minute = { first: 0, second: 0, third: 0, fourth: 0, last: 0, ms: NaN };

/** @param seconds where the minute ends and `:ss` begins */
function readWritten(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  seconds: number,
  end: number,
): number {
  const first = view.getInt32(start);
  const second = view.getInt32(start + 4);
  const third = view.getInt32(start + 8);
  const fourth = view.getInt32(start + 12);
  const last = view.getInt32(seconds - 4);
  const known =
    first === minute.first &&
    second === minute.second &&
    third === minute.third &&
    fourth === minute.fourth &&
    last === minute.last;
  if (!known) {
    minute.ms = seconds - start === 16 ? isoMinute(bytes, start) : commonMinute(bytes, start);
    minute.first = first;
    minute.second = second;
    minute.third = third;
    minute.fourth = fourth;
    minute.last = last;
  }
  // A leap second counts as the first of the next minute.
  const past = bytes[seconds] === COLON ? pair(bytes, seconds + 1) : NaN;
  return past < 61 ? minute.ms + past * 1000 + restMs(bytes, seconds + 3, end) : NaN;
}

function isoMinute(bytes: Uint8Array, start: number): number {
  const separator = bytes[start + 10];
  if (bytes[start + 7] !== DASH || (separator !== LETTER_T && separator !== SPACE)) return NaN;
  const year = pair(bytes, start) * 100 + pair(bytes, start + 2);
  return (
    dayMs(year, pair(bytes, start + 5), pair(bytes, start + 8)) + hourMinuteMs(bytes, start + 11)
  );
}

function commonMinute(bytes: Uint8Array, start: number): number {
  if (bytes[start + 6] !== SLASH || bytes[start + 11] !== COLON) return NaN;
  const letters = (bytes[start + 3] << 16) | (bytes[start + 4] << 8) | bytes[start + 5];
  const year = pair(bytes, start + 7) * 100 + pair(bytes, start + 9);
  return (
    dayMs(year, MONTHS.indexOf(letters) + 1, pair(bytes, start)) + hourMinuteMs(bytes, start + 12)
  );
}

/** Midnight of a day; NaN for 30 February. */
function dayMs(year: number, month: number, day: number): number {
  const ms = Date.UTC(year, month - 1, day);
  const exists = month >= 1 && month <= 12 && year >= 100 && new Date(ms).getUTCDate() === day;
  return exists ? ms : NaN;
}

function hourMinuteMs(bytes: Uint8Array, at: number): number {
  const hour = pair(bytes, at);
  const minutes = pair(bytes, at + 3);
  return hour < 24 && minutes < 60 && bytes[at + 2] === COLON
    ? (hour * 60 + minutes) * 60_000
    : NaN;
}

function readCount(bytes: Uint8Array, start: number, end: number, unitMs: number): number {
  if (start >= end || bytes[start] === DOT) return NaN;
  let count = 0;
  let at = start;
  for (; at < end && bytes[at] !== DOT; at++) count = count * 10 + digit(bytes[at]);
  const ms = count * unitMs + (at < end ? fractionMs(bytes, at, end) * (unitMs / 1000) : 0);
  return ms <= TIME_MAX_MS ? Math.floor(ms) : NaN;
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
  for (let i = 1; i <= 3; i++)
    thousandths = thousandths * 10 + (dot + i < end ? digit(bytes[dot + i]) : 0);
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

/** Two digits, or NaN. */
const pair = (bytes: Uint8Array, at: number): number =>
  digit(bytes[at]) * 10 + digit(bytes[at + 1]);

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
