/** Decides whether a loop stands still, from looks at it at even intervals. @module */

const BLOCKED_MS_MAX = 30_000;
/** A garbage collection of a large heap may take some seconds. */
const BLOCKED_MS_MIN = 5000;

/** How long a worker may be blocked: a row that takes longer than its message may has failed anyway. */
export const blockedMsOf = (messageTimeoutMs: number): number =>
  Math.min(BLOCKED_MS_MAX, Math.max(BLOCKED_MS_MIN, messageTimeoutMs));

/** So many looks in a row without any sign of life, and it is blocked. */
const LOOKS = 10;

/** Between two looks. What it was at must be asked for first, which takes two looks more. */
export const lookPeriodMs = (blockedMs: number): number => blockedMs / (LOOKS + 2);

export class Standstill {
  #beats = -1;
  #visits = -1;
  #still = 0;

  /** @param visits messages begun, as far as that is known: asked for when the loop does not turn. True when it is blocked */
  look(beats: number, visits: number | undefined): boolean {
    if (beats !== this.#beats || (visits !== undefined && visits !== this.#visits)) {
      this.#beats = beats;
      this.#visits = visits ?? this.#visits;
      this.#still = 0;
      return false;
    }
    return ++this.#still >= LOOKS;
  }
}
