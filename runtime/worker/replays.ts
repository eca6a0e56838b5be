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
  /** How often it was tried, but for tries that ended with a worker's death. */
  readonly attempts: number;
}

interface Waiting {
  readonly replay: Replay;
  readonly dueMs: number;
}

export class Replays {
  readonly #clock: Clock;
  readonly #due: () => void;
  /** By how long they wait, so that in each the first is due first. */
  readonly #queues = new Map<number, Waiting[]>();
  #timer: Timer | null = null;
  /** When the timer is due, on the monotonic clock. */
  #timerMs = Infinity;

  /** @param due called when one may have come due */
  constructor(clock: Clock, due: () => void) {
    this.#clock = clock;
    this.#due = due;
  }

  /** It waits 100 ms after its first attempt, and after one that does not count, twice as long after each further one, at most 10 s. */
  add(replay: Replay, nowMs: number): void {
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** Math.max(replay.attempts - 1, 0), DELAY_MS_MAX);
    let queue = this.#queues.get(delayMs);
    if (queue === undefined) this.#queues.set(delayMs, (queue = []));
    queue.push({ replay, dueMs: nowMs + delayMs });
    this.#callAt(nowMs + delayMs);
  }

  /** Takes those that are due, at most `max`. */
  take(nowMs: number, max: number): Replay[] {
    const taken: Replay[] = [];
    for (const queue of this.#queues.values()) {
      let count = 0;
      while (taken.length + count < max && count < queue.length && queue[count]!.dueMs <= nowMs)
        count++;
      for (const { replay } of queue.splice(0, count)) taken.push(replay);
      if (queue.length > 0) this.#callAt(queue[0]!.dueMs);
    }
    return taken;
  }

  /** Takes those that `which` chooses out of their queues, due or not, and says how many they were. */
  drop(which: (replay: Replay) => boolean): number {
    let dropped = 0;
    for (const [delayMs, queue] of this.#queues) {
      const kept = queue.filter(({ replay }) => !which(replay));
      dropped += queue.length - kept.length;
      this.#queues.set(delayMs, kept);
    }
    return dropped;
  }

  close(): void {
    this.#timer?.cancel();
  }

  /** Unless the timer is due before. */
  #callAt(dueMs: number): void {
    if (dueMs >= this.#timerMs) return;
    this.#timer?.cancel();
    this.#timerMs = dueMs;
    this.#timer = this.#clock.setTimer(Math.max(dueMs - this.#clock.monotonicMs(), 1), () => {
      this.#timerMs = Infinity;
      this.#due();
    });
  }
}
