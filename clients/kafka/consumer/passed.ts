/**
 * Offsets behind which no message lies, e.g. those of an aborted transaction: nobody is handed anything of them, so nobody
 * says that they are done. Whoever is done up to there is done up to their end.
 *
 * @module
 */
import type { Offsets } from './offsets.js';

export class Passed {
  /** By partition name: all before it is done. */
  readonly #done = new Map<string, number>();
  /** By partition name: from `after` to `next` lies no message. */
  readonly #gaps = new Map<string, { readonly after: number; readonly next: number }>();

  /** These are done. Returns how far that is. */
  done(offsets: Offsets): Offsets {
    return new Map([...offsets].map(([name, offset]) => [name, this.#doneAt(name, offset)]));
  }

  /** No message lies between the two. Returns what is done by that. */
  pass(name: string, after: number, next: number): Offsets {
    this.#gaps.set(name, { after, next });
    const done = this.#done.get(name);
    return done === after ? this.done(new Map([[name, done]])) : new Map();
  }

  /** The partition goes on elsewhere. */
  forget(name: string): void {
    this.#gaps.delete(name);
  }

  #doneAt(name: string, offset: number): number {
    const gap = this.#gaps.get(name);
    this.#done.set(name, offset);
    return gap?.after === offset ? gap.next : offset;
  }
}
