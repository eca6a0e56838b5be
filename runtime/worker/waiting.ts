/** How long the spouts of a worker were kept from emitting: backpressure, as time. @module */
export class Waiting {
  #totalMs = 0;
  /** When the present wait began. */
  #sinceMs: number | null = null;

  /** Called in every turn: whether spouts that could emit may not. */
  look(waits: boolean, nowMs: number): void {
    if (waits) this.#sinceMs ??= nowMs;
    else {
      this.#totalMs = this.totalMs(nowMs);
      this.#sinceMs = null;
    }
  }

  /** With the wait under way. */
  totalMs(nowMs: number): number {
    return this.#totalMs + (this.#sinceMs === null ? 0 : nowMs - this.#sinceMs);
  }
}
