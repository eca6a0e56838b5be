/**
 * Workers that are not heard of may be blocked, and their watchdogs may yet end them. As long as that is open, no
 * message of any worker times out: it may hang on one that is not to blame.
 *
 * One that is silent for longer than a watchdog waits is not blocked but frozen (SIGSTOP, a debugger), and replaced.
 *
 * @module
 */
import { blockedMsOf } from '../worker/standstill.js';

/** Workers report every 500 ms. */
const SILENT_MS = 1000;
const GRACE_MS = 1000;

export class Silence {
  readonly #maxMs: number;
  readonly #heardMs = new Map<number, number>();

  constructor(messageTimeoutMs: number) {
    this.#maxMs = blockedMsOf(messageTimeoutMs) + GRACE_MS;
  }

  heard(worker: number): void {
    this.#heardMs.set(worker, performance.now());
  }

  /** It is gone, or need not say anything any more. */
  forget(worker: number): void {
    this.#heardMs.delete(worker);
  }

  /** Those that are silent for longer than a watchdog waits: it is frozen as well. */
  get frozen(): number[] {
    const nowMs = performance.now();
    return [...this.#heardMs].flatMap(([worker, heardMs]) =>
      nowMs - heardMs < this.#maxMs ? [] : [worker],
    );
  }

  /** Whether a worker may be blocked. */
  get some(): boolean {
    const nowMs = performance.now();
    return [...this.#heardMs.values()].some((heardMs) => {
      const silentMs = nowMs - heardMs;
      return silentMs > SILENT_MS && silentMs < this.#maxMs;
    });
  }
}
