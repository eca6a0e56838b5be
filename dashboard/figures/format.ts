/**
 * Figures in words: three digits, a unit, and never more width than that.
 *
 * @module
 */

/** What stands where nothing is known. */
export const UNKNOWN = '–';

const PREFIXES = ['', 'k', 'M', 'G', 'T'];

/** `4.2/s`, `12.3 k/s`. @param value a second */
export function rate(value: number): string {
  const [digits, prefix] = scaled(value);
  return prefix === '' ? `${digits}/s` : `${digits} ${prefix}/s`;
}

/** Exact up to 9,999, then `12.3 k`. */
export function count(value: number | null): string {
  if (value === null) return UNKNOWN;
  if (value < 10_000) return Math.round(value).toLocaleString('en');
  return scaled(value).join(' ');
}

/** `6.2 µs`, `0.41 ms`, `4.1 ms`, `120 ms`, `1.2 s`, `2 min 5 s`. */
export function milliseconds(value: number | null): string {
  if (value === null) return UNKNOWN;
  if (value > 0 && value < 0.0995) return `${short(value * 1000)} µs`;
  if (value < 999.5) return `${short(value)} ms`;
  return value < 59_950 ? `${short(value / 1000)} s` : span(value);
}

/** `97 %`. @param ratio 0 to 1 */
export const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`;

/** `1.2 MB`, in powers of 1000. */
export function bytes(value: number): string {
  const [digits, prefix] = scaled(value);
  return `${digits} ${prefix}B`;
}

/** `12 s`, `3 min 5 s`, `2 h 10 min`. @param ms is rounded down, so that an age never runs ahead */
export function span(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1 task`, `4 tasks`. */
export const several = (n: number, noun: string): string =>
  `${count(n)} ${noun}${n === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`;

/** Three digits and a prefix. What would be 1000 of one is 1.00 of the next. */
function scaled(value: number): [digits: string, prefix: string] {
  let power = 0;
  while (value >= 999.5 && power < PREFIXES.length - 1) {
    value /= 1000;
    power++;
  }
  return [power === 0 && Number.isInteger(value) ? String(value) : three(value), PREFIXES[power]!];
}

/** Three digits: `12.3`, `123`; of what is below 1, two places. */
const three = (value: number): string =>
  value === 0 ? '0' : value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);

/** Two digits: `0.41`, `4.1`, `120`. */
const short = (value: number): string =>
  value === 0 ? '0' : value.toFixed(value < 0.995 ? 2 : value < 9.95 ? 1 : 0);
