/** Which dead letters a command means. @module */
import { Command, InvalidArgumentError } from 'commander';
import { failureText, type Failure } from '../../runtime/ledger/failure.js';
import type { DeadLetter } from '../../runtime/state/dead-letter.js';
import type { KeptLetter } from '../../runtime/state/letter-segments.js';
import { durationMs } from '../../topology/dsl/duration.js';

/** As given on the command line; times in milliseconds since 1970. */
export interface Filters {
  readonly reason?: string;
  readonly component?: string;
  readonly since?: number;
  readonly until?: number;
}

export const withFilters = (command: Command): Command =>
  command
    .option('--reason <text>', 'only those whose reason has this text in it')
    .option('--component <name>', 'only those that this component gave up')
    .option(
      '--since <time>',
      'only those given up at or after it: ISO 8601, or an age as 2h',
      moment,
    )
    .option('--until <time>', 'only those given up before it', moment);

export const isFiltered = ({ reason, component, since, until }: Filters): boolean =>
  [reason, component, since, until].some((given) => given !== undefined);

/** @param ids when there are any, only these */
export function matching(
  filters: Filters,
  ids: readonly string[] = [],
): (kept: KeptLetter) => boolean {
  const { component, since = -Infinity, until = Infinity } = filters;
  const reason = filters.reason?.toLowerCase() ?? '';
  const wanted = new Set(ids);
  return ({ id, letter }) =>
    (wanted.size === 0 || wanted.has(id)) &&
    (component === undefined || componentOf(letter) === component) &&
    letter.time >= since &&
    letter.time < until &&
    reasonOf(letter).toLowerCase().includes(reason);
}

/** `rejected(parse, no host)`, fit for a terminal. */
export const reasonOf = ({ reason }: DeadLetter): string =>
  printable(failureText(reason as Failure));

/** Who gave it up; where that is not known, as for a timeout, its spout. */
export const componentOf = ({ reason, spout }: DeadLetter): string => reason.component ?? spout;

/** Without what a terminal would obey, or show in another place. */
export const printable = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');

function moment(text: string): number {
  const time = /^\d{4}-\d\d/.test(text) ? Date.parse(text) : Date.now() - ageMs(text);
  if (Number.isFinite(time)) return time;
  throw new InvalidArgumentError('Give a time as 2026-11-21T18:00Z, or an age as 30m, 2h or 7d.');
}

function ageMs(text: string): number {
  try {
    return durationMs(text);
  } catch {
    return NaN;
  }
}
