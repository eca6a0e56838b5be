/**
 * Tells the operator that brokers do not answer, once, and that they do again.
 *
 * @module
 */

export class Trouble {
  readonly #notice: (message: string) => void;
  /** What has no answer. */
  readonly #waiting = new Set<string>();
  #since = new Date();

  constructor(notice: (message: string) => void) {
    this.#notice = notice;
  }

  /** @param what is being done, e.g. `fetch` */
  begins(what: string, error: unknown): void {
    const first = this.#waiting.size === 0;
    this.#waiting.add(what);
    if (!first) return;
    this.#since = new Date();
    const why = error instanceof Error ? error.message : String(error);
    this.#notice(`Kafka: ${why} (${what}, ${this.#since.toISOString()}). Waits, and tries again.`);
  }

  ends(what: string): void {
    if (this.#waiting.delete(what) && this.#waiting.size === 0) this.#tellEnd();
  }

  /** All of it. */
  over(): void {
    if (this.#waiting.size > 0) this.#tellEnd();
    this.#waiting.clear();
  }

  #tellEnd(): void {
    const seconds = ((Date.now() - this.#since.getTime()) / 1000).toFixed(1);
    this.#notice(`Kafka: answers again after ${seconds} s (since ${this.#since.toISOString()}).`);
  }
}
