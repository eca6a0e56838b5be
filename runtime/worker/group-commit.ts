/**
 * Gathers what waits for one durable write, and lets one write at a time be under way.
 *
 * A write begins when `bytesMax` wait, `delayMs` after the first thing came to wait, or when `now` says that nobody will add more.
 *
 * @module
 */
import type { Clock, Timer } from '../clock.js';

export const GROUP_COMMIT_BYTES_MAX = 4 * 1024 * 1024;
export const GROUP_COMMIT_DELAY_MS = 100;

export class GroupCommit {
  readonly #clock: Clock;
  readonly #write: () => Promise<void>;
  #waiting = 0;
  #bytes = 0;
  #timer: Timer | null = null;
  #writing: Promise<void> | null = null;
  #due = false;

  /** @param write stores all that came before it was called; never rejects */
  constructor(clock: Clock, write: () => Promise<void>) {
    this.#clock = clock;
    this.#write = write;
  }

  /** Something waits, of so many bytes. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#waiting++ === 0)
      this.#timer = this.#clock.setTimer(GROUP_COMMIT_DELAY_MS, () => this.now());
    if (this.#bytes >= GROUP_COMMIT_BYTES_MAX) this.now();
  }

  get idle(): boolean {
    return this.#waiting === 0 && this.#writing === null;
  }

  /** Writes now, or as soon as the write under way has ended. */
  now(): void {
    if (this.#waiting === 0) return;
    this.#due = true;
    if (this.#writing === null) this.#writing = this.#run();
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    for (this.now(); this.#writing !== null; this.now()) await this.#writing;
  }

  async #run(): Promise<void> {
    while (this.#due && this.#waiting > 0) {
      this.#due = false;
      this.#waiting = this.#bytes = 0;
      if (this.#timer !== null) this.#clock.clearTimer(this.#timer);
      this.#timer = null;
      await this.#write();
    }
    this.#writing = null;
  }
}
