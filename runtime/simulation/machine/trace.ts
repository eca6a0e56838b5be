/** What happened in a run, as lines when they are wanted, and always as a hash: two runs of one seed have the same. @module */

export class Trace {
  readonly lines: string[] = [];
  readonly #keeps: boolean;
  #hash = 0x811c9dc5;

  /** @param keeps whether the lines are kept */
  constructor(keeps: boolean) {
    this.#keeps = keeps;
  }

  add(atMs: number, who: string, what: string): void {
    const line = `${atMs.toFixed(3)} ${who} ${what}`;
    // FNV-1a: nobody forges a trace.
    for (let i = 0; i < line.length; i++)
      this.#hash = Math.imul(this.#hash ^ line.charCodeAt(i), 0x01000193);
    if (this.#keeps) this.lines.push(line);
  }

  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }
}
