/** What many runs came to: whether enough happened in them to say something. @module */
import { FAULTS, type Fault } from './faults.js';
import type { Outcome } from './simulate.js';

export class Tally {
  seeds = 0;
  /** Seeds that broke a promise. */
  readonly broken: number[] = [];
  acked = 0;
  deadLetters = 0;
  readonly hits = new Map<Fault, number>(FAULTS.map((fault) => [fault, 0]));

  add({ seed, violation, acked, deadLetters, hits }: Outcome): void {
    this.seeds++;
    if (violation !== null) this.broken.push(seed);
    this.acked += acked;
    this.deadLetters += deadLetters;
    for (const [fault, times] of hits) this.hits.set(fault, this.hits.get(fault)! + times);
  }

  /** What happened too seldom for the runs to say something; of fewer than 100 runs none is asked. */
  lacking(): string[] {
    if (this.seeds < 100) return [];
    const figures = [
      ['messages acked', this.acked / 50],
      ['dead letters', this.deadLetters],
      ...[...this.hits].map(([fault, times]) => [fault, 20 * times] as const),
    ] as const;
    return figures.flatMap(([name, figure]) => (figure < this.seeds ? [name] : []));
  }

  text(): string {
    const hits = [...this.hits].map(([fault, times]) => `${times} ${fault}`).join(', ');
    return `${this.seeds} seeds, of which ${this.broken.length} broke a promise: ${this.acked} messages acked, ${this.deadLetters} dead letters; faults: ${hits}`;
  }
}
