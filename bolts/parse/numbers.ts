/** Reads decimal numbers from bytes. @module */

/** The whole number in [start, end), or NaN: no number, or one beyond 2^53. */
export function readInt(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  let at = negative ? start + 1 : start;
  // A 17th digit could round to a wrong number before it is refused.
  if (at >= end || end - at > 16) return NaN;
  let value = 0;
  for (; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  if (value > Number.MAX_SAFE_INTEGER) return NaN;
  return negative && value !== 0 ? -value : value;
}

/** The finite number in [start, end), or NaN. Rounds as `Number` does. */
export function readFloat(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  let fractionDigits = -1;
  // 15 digits and their power of ten are exact, so one division rounds once (Clinger 1990).
  if (end - start > 16) return readAnyFloat(bytes, start, end);
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      if (fractionDigits >= 0) fractionDigits++;
    } else {
      if (bytes[at] !== DOT || fractionDigits >= 0 || at === start || at + 1 === end)
        return readAnyFloat(bytes, start, end);
      fractionDigits = 0;
    }
  }
  if (start >= end) return NaN;
  return fractionDigits > 0 ? value / POWERS[fractionDigits]! : value;
}

function readAnyFloat(bytes: Buffer, start: number, end: number): number {
  if (end - start > FLOAT_BYTES_MAX) return NaN;
  const text = bytes.latin1Slice(start, end);
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : NaN;
}

const FLOAT_BYTES_MAX = 64;
const POWERS = Array.from({ length: 17 }, (_, i) => 10 ** i);
const ZERO = 48;
const MINUS = 45;
const DOT = 46;
