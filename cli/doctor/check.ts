/** What a check of this machine found. @module */

export interface Check {
  /** What was looked at. */
  readonly name: string;
  /** `warn`: Squall runs, and may meet its limits. `fail`: it does not run, or not for long. */
  readonly status: 'ok' | 'warn' | 'fail';
  /** What is there. */
  readonly found: string;
  /** What to do next; with every `warn` and `fail`. */
  readonly next?: string;
}

export const ok = (name: string, found: string): Check => ({ name, status: 'ok', found });

export const warn = (name: string, found: string, next: string): Check => ({
  name,
  status: 'warn',
  found,
  next,
});

export const fail = (name: string, found: string, next: string): Check => ({
  name,
  status: 'fail',
  found,
  next,
});

/** The status of a figure that should be large. */
export function least(
  name: string,
  value: number,
  { found, warnBelow, failBelow, next }: Bounds,
): Check {
  if (value < failBelow) return fail(name, found, next);
  return value < warnBelow ? warn(name, found, next) : ok(name, found);
}

interface Bounds {
  readonly found: string;
  readonly warnBelow: number;
  readonly failBelow: number;
  readonly next: string;
}
