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
    this.#mix(Math.round(atMs * 1000));
    for (let i = 0; i < who.length; i++) this.#mix(who.charCodeAt(i));
    for (let i = 0; i < what.length; i++) this.#mix(what.charCodeAt(i));
    if (this.#keeps) this.lines.push(`${atMs.toFixed(3)} ${who} ${what}`);
  }

  /** FNV-1a: nobody forges a trace. */
  #mix(value: number): void {
    this.#hash = Math.imul(this.#hash ^ value, 0x01000193);
  }

  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }
}
