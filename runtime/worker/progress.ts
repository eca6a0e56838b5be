/**
 * How far a spout task is: per partition, up to where everything is settled without a gap.
 *
 * Batches of a partition come in order and are kept in that order until all before them is settled;
 * their memory goes back to the spout as soon as no message needs it any more.
 *
 * @module
 */
import type { Batch } from '../../topology/dsl/spout.js';
import type { SpoutCounters } from './ports.js';

export type AnyBatch = Batch<never>;

/** How a message ended. */
export const ACKED = 1;
export const DEAD = 2;

/** A batch and what became of its messages. */
export interface Tracked {
  readonly batch: AnyBatch;
  readonly count: number;
  readonly partition: Partition;
  /** Per message: 0 open, ACKED or DEAD. */
  readonly ends: Uint8Array;
  /** Messages whose bytes the batch must still hold. */
  held: number;
  /** The first message that is open. */
  next: number;
  positionAfter: (i: number) => number;
}

interface Partition {
  readonly name: string;
  readonly batches: Tracked[];
}

export class Progress {
  readonly #release: (batch: AnyBatch) => void;
  /** Those with batches that are not settled. */
  readonly #partitions = new Map<string, Partition>();
  #moved = new Map<string, number>();
  #acked: number;
  #deadLetters: number;

  /** @param before what earlier lives of the task committed */
  constructor(before: SpoutCounters, release: (batch: AnyBatch) => void) {
    this.#acked = before.acked;
    this.#deadLetters = before.deadLetters;
    this.#release = release;
  }

  track(batch: AnyBatch): Tracked {
    const { count, partition: name } = batch;
    let partition = this.#partitions.get(name);
    if (partition === undefined) this.#partitions.set(name, (partition = { name, batches: [] }));
    const positionAfter = (i: number): number => batch.positionAfter(i);
    const tracked = { batch, count, partition, ends: new Uint8Array(count), held: count, next: 0, positionAfter };
    partition.batches.push(tracked);
    return tracked;
  }

  /** Message `i` is done with, for good. True when there is something to commit. */
  settle(tracked: Tracked, i: number, end: typeof ACKED | typeof DEAD): boolean {
    tracked.ends[i] = end;
    return i === tracked.next && this.#advance(tracked.partition);
  }

  /** The batch need no longer hold the bytes of one message. */
  letGo(tracked: Tracked): void {
    if (--tracked.held > 0) return;
    const { batch, count, next } = tracked;
    if (next < count) {
      // The spout uses it again while a replay or a burial is under way: its positions are still needed.
      const positions = Float64Array.from({ length: count }, (_, i) => batch.positionAfter(i));
      tracked.positionAfter = (i) => positions[i]!;
    }
    this.#release(batch);
  }

  /** What to commit: the positions that moved since the last call, and the counts of all that lies before them. */
  moved(): { positions: ReadonlyMap<string, number>; counters: SpoutCounters } {
    const positions = this.#moved;
    this.#moved = new Map();
    const acked = this.#acked;
    const deadLetters = this.#deadLetters;
    return { positions, counters: { emitted: acked + deadLetters, acked, deadLetters } };
  }

  #advance({ name, batches }: Partition): boolean {
    let moved = false;
    for (let first = batches[0]; first !== undefined; first = batches[0]) {
      const { ends, count, next: before } = first;
      while (first.next < count && ends[first.next] !== 0) {
        if (ends[first.next++] === ACKED) this.#acked++;
        else this.#deadLetters++;
      }
      if (first.next > before) {
        this.#moved.set(name, first.positionAfter(first.next - 1));
        moved = true;
      }
      if (first.next < count) return moved;
      batches.shift();
    }
    this.#partitions.delete(name);
    return moved;
  }
}
