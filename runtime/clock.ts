/**
 * Time as a port: the runtime asks a `Clock`, so that tests and the simulation can hold it still,
 * move it, and replay a run exactly.
 *
 * @module
 */

/** A timer that was set; hand it to `clearTimer`. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since 1970. May jump; for what people read, never for durations. */
  now(): number;
  /** Milliseconds since some moment; never goes back. */
  monotonicMs(): number;
  /** Calls once, `ms` from now (at least 1, as in Node). */
  setTimer(ms: number, call: () => void): Timer;
  /** Does nothing when the timer has fired. */
  clearTimer(timer: Timer): void;
}

/** Node fires longer timers at once (its delay is an int32), so they are cut to 24.8 days. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(ms, call) {
    const timeout = setTimeout(call, Math.min(ms, TIMER_MS_MAX));
    return { cancel: () => clearTimeout(timeout) };
  },
  clearTimer: (timer) => timer.cancel(),
};

interface VirtualTimer extends Timer {
  readonly dueMs: number;
  readonly call: () => void;
}

/**
 * A clock that stands still until it is advanced.
 *
 * @example
 * const clock = new VirtualClock(Date.UTC(2016, 0, 1));
 * clock.setTimer(100, () => console.log(clock.now()));
 * clock.advance(250); // prints 1451606400100; now() is 1451606400250
 */
export class VirtualClock implements Clock {
  readonly #startMs: number;
  #elapsedMs = 0;
  /** By due time, then in the order they were set. */
  #timers: VirtualTimer[] = [];

  constructor(startMs = 0) {
    this.#startMs = startMs;
  }

  now(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  setTimer(ms: number, call: () => void): Timer {
    const dueMs = this.#elapsedMs + Math.max(ms, 1);
    const timer: VirtualTimer = { dueMs, call, cancel: () => this.clearTimer(timer) };
    const before = this.#timers.findLastIndex((other) => other.dueMs <= dueMs);
    this.#timers.splice(before + 1, 0, timer);
    return timer;
  }

  clearTimer(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }

  /** When the next timer is due, in `monotonicMs`; `undefined` when none is set. */
  nextDueMs(): number | undefined {
    return this.#timers[0]?.dueMs;
  }

  /** Moves on by `ms`; each timer due by then, also one set meanwhile, runs at its own time. */
  advance(ms: number): void {
    const untilMs = this.#elapsedMs + ms;
    while ((this.nextDueMs() ?? Infinity) <= untilMs) {
      const timer = this.#timers.shift()!;
      this.#elapsedMs = timer.dueMs;
      timer.call();
    }
    this.#elapsedMs = untilMs;
  }
}
