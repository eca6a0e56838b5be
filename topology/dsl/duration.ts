/** How long: as people write it in a topology or a configuration. @module */

/** Milliseconds, or a number and its unit: `'250ms'`, `'10s'`, `'5m'`, `'1.5h'`, `'7d'`. */
export type Duration = number | `${number}${keyof typeof UNITS_MS}`;

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const FORM = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/;

/**
 * The milliseconds of a duration, rounded. Takes any string, because configurations are not typed: a number without a unit is
 * milliseconds there, too.
 *
 * @throws Error that names the accepted forms
 *
 * @example
 * durationMs('10s') // 10000
 */
export function durationMs(duration: Duration | string): number {
  const ms = typeof duration === 'number' ? duration : parsed(duration.trim());
  if (Number.isSafeInteger(Math.round(ms)) && ms >= 0) return Math.round(ms);
  throw new Error(
    `${JSON.stringify(duration)} is not a duration: write a number of milliseconds, or one with its unit (ms, s, m, h, d) as in "10s" or "1.5h".`,
  );
}

function parsed(text: string): number {
  const match = FORM.exec(text);
  return match === null
    ? NaN
    : Number(match[1]) * UNITS_MS[(match[2] ?? 'ms') as keyof typeof UNITS_MS];
}
