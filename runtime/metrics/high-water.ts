/** Figures that never go back, whatever is uncounted and counted again. @module */

export class HighWater {
  readonly #told = new Map<string, number>();

  /** The largest value so far of what has that name. */
  of(name: string, value: number): number {
    const highest = Math.max(value, this.#told.get(name) ?? -Infinity);
    this.#told.set(name, highest);
    return highest;
  }
}
