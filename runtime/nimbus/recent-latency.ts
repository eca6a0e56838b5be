/**
 * The latencies of the last ten seconds, of a histogram that only grows: what operators want to see is now, and one
 * second of a slow topology holds too few.
 *
 * @module
 */
import { Histogram } from '../metrics/histogram.js';
import type { LatencyCounts } from './report.js';

const WINDOW_MS = 10_000;

export interface Recent {
  readonly p50: number | null;
  readonly p99: number | null;
}

export class RecentLatency {
  /** The oldest first; all but the first are within the window. */
  #seen: { readonly atMs: number; readonly counts: LatencyCounts }[] = [];
  #meanMs = 0;

  /** Of the last rows that were timed, however long ago; 0 when none were. */
  get meanMs(): number {
    return this.#meanMs;
  }

  /** Before there is a second report, what there was from the beginning. */
  add(counts: LatencyCounts, atMs: number): Recent {
    const last = this.#seen.at(-1);
    // Other processes count anew.
    if (last !== undefined && totalOf(counts) < totalOf(last.counts)) this.#seen = [];
    this.#seen.push({ atMs, counts });
    while (this.#seen.length > 2 && this.#seen[1]!.atMs <= atMs - WINDOW_MS) this.#seen.shift();
    const before = this.#seen.length === 1 ? [] : this.#seen[0]!.counts;
    if (totalOf(counts) <= totalOf(before)) return { p50: null, p99: null };
    const since = difference(counts, before);
    const { count, sumUs } = since.cumulative([]);
    if (count > 0) this.#meanMs = sumUs / count / 1000;
    return { p50: since.quantileMs(0.5), p99: since.quantileMs(0.99) };
  }
}

const totalOf = (counts: LatencyCounts): number =>
  counts.reduce((sum, [, count]) => sum + count, 0);

function difference(counts: LatencyCounts, before: LatencyCounts): Histogram {
  const since = Histogram.fromJSON(counts);
  // A worker that died may have counted what it had not reported.
  for (const [i, count] of before) since.counts[i] = Math.max(0, since.counts[i]! - count);
  return since;
}
