/**
 * Tells a life of a topology from the next one. What its workers count begins anew when all of them are others; it does not
 * when one is replaced, or another supervisor takes them over.
 *
 * @module
 */
import type { ReportedWorker } from './report.js';

export class Lives {
  #pids: ReadonlySet<number> = new Set();

  /** Whether none of these processes was there the last time that some were. Asked once per report. */
  isNew(workers: readonly Pick<ReportedWorker, 'pid'>[]): boolean {
    const pids = new Set(workers.flatMap(({ pid }) => (pid === null ? [] : [pid])));
    if (pids.size === 0) return false;
    const before = this.#pids;
    this.#pids = pids;
    return before.size > 0 && ![...pids].some((pid) => before.has(pid));
  }
}
