/** Messages that wait for their next attempt, with backoff. @module */
import type { Clock, Timer } from '../clock.js';
import type { AnyBatch, Tracked } from './progress.js';

const FIRST_DELAY_MS = 100;
const DELAY_MS_MAX = 10_000;

/** A message with bytes of its own. */
export interface Replay {
  readonly tracked: Tracked;
  readonly index: number;
  readonly single: AnyBatch;
  /** How often it was tried. */
  readonly attempts: number;
}

interface Waiting {
  readonly replay: Replay;
  readonly dueMs: number;
}

export class Replays {
  readonly #clock: Clock;
  readonly #due: () => void;
  #waiting: Waiting[] = [];
  /** Of the first one, on the monotonic clock. */
  #dueMs = Infinity;
  #timer: Timer | null = null;

  /** @param due called when one may have come due */
  constructor(clock: Clock, due: () => void) {
    this.#clock = clock;
    this.#due = due;
  }

  /** It waits 100 ms after its first attempt, twice as long after each further one, at most 10 s. */
  add(replay: Replay, nowMs: number): void {
    const dueMs = nowMs + Math.min(FIRST_DELAY_MS * 2 ** (replay.attempts - 1), DELAY_MS_MAX);
    this.#waiting.push({ replay, dueMs });
    if (dueMs < this.#dueMs) {
      this.#dueMs = dueMs;
      this.close();
    }
    this.#await();
  }

  /** Takes those that are due, at most `max`. */
  take(nowMs: number, max: number): Replay[] {
    const due: Replay[] = [];
    if (nowMs >= this.#dueMs && max > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      this.#dueMs = Infinity;
      for (const each of waiting) {
        if (each.dueMs <= nowMs && due.length < max) due.push(each.replay);
        else this.#keep(each);
      }
    }
    this.#await();
    return due;
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #keep(each: Waiting): void {
    this.#waiting.push(each);
    this.#dueMs = Math.min(this.#dueMs, each.dueMs);
  }

  #await(): void {
    if (this.#timer !== null || this.#waiting.length === 0) return;
    const delayMs = Math.max(this.#dueMs - this.#clock.monotonicMs(), 1);
    this.#timer = this.#clock.setTimer(delayMs, () => {
      this.#timer = null;
      this.#due();
    });
  }
}
