/** What `squall chaos` tells. @module */
export interface ChaosReport {
  readonly topology: string;
  /** What was done, e.g. `kill worker`, and how often. */
  readonly fault: string;
  readonly strikes: number;
  /** Messages that sources began meanwhile. */
  readonly sent: number;
  readonly delivered: number;
  readonly deadLetters: number;
  /** Committed as begun, with all at rest, and neither delivered nor dead letters. */
  readonly lost: number;
  /** No more than so many were delivered twice: those that were begun again. */
  readonly duplicatesMax: number;
  /** Strike to the first ack after it, or until another supervisor or nimbus is there; null without strikes. */
  readonly recoveryMs: { readonly p50: number | null; readonly p99: number | null };
  /** Strikes that nobody came back from. */
  readonly unrecovered: number;
  /** How often nothing at all was acked for more than a second, and the longest time. */
  readonly stalls: { readonly count: number; readonly longestMs: number };
}

export function reportLines(report: ChaosReport): string[] {
  const { recoveryMs, stalls } = report;
  const ms = (value: number | null): string => (value === null ? '-' : `${Math.round(value)} ms`);
  const whole = (value: number): string => value.toLocaleString('en-US');
  return [
    `${report.fault}: ${whole(report.strikes)} times, ${report.topology}`,
    `sent        ${whole(report.sent)}`,
    `delivered   ${whole(report.delivered)}`,
    `dead        ${whole(report.deadLetters)}`,
    `lost        ${whole(report.lost)}`,
    `duplicates  at most ${whole(report.duplicatesMax)} (messages that were begun again)`,
    `recovery    p50 ${ms(recoveryMs.p50)}, p99 ${ms(recoveryMs.p99)}, never ${report.unrecovered}`,
    `stalls      ${stalls.count} over 1 s, the longest ${ms(stalls.longestMs)}`,
  ];
}

/** Of values in any order: the one at `p`, by nearest rank. */
export function quantile(values: readonly number[], p: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? null;
}
