/** Counters since a topology was submitted, of counters that begin anew with its lives. They never go back. @module */
export class SinceSubmitted {
  readonly #counters = new Map<string, { before: number; highest: number }>();

  /**
   * @param count in the present life. It may go back within a life: what a dead worker had not committed is done again.
   * @param isNew whether a life has just begun
   */
  of(name: string, count: number, isNew: boolean): number {
    const counter = this.#counters.get(name) ?? { before: 0, highest: 0 };
    this.#counters.set(name, counter);
    if (isNew && count < counter.highest) {
      counter.before += counter.highest;
      counter.highest = count;
    } else counter.highest = Math.max(counter.highest, count);
    return counter.before + counter.highest;
  }
}
