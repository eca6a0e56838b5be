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

export interface Partition {
  readonly name: string;
  readonly batches: Tracked[];
  /** Messages that were begun and are not settled. */
  open: number;
  /** Called when none is open any more: while it is being revoked. */
  emptied: (() => void) | null;
  /** It is another's now: what still ends here changes nothing. */
  forgotten: boolean;
}

export class Progress {
  readonly #release: (batch: AnyBatch) => void;
  /** Those with batches that are not settled. */
  readonly #partitions = new Map<string, Partition>();
  /** Those that can move on, as their first open message was settled. */
  readonly #due = new Set<Partition>();
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
    if (partition === undefined) {
      partition = { name, batches: [], open: 0, emptied: null, forgotten: false };
      this.#partitions.set(name, partition);
    }
    const positionAfter = (i: number): number => batch.positionAfter(i);
    const tracked = {
      batch,
      count,
      partition,
      ends: new Uint8Array(count),
      held: count,
      next: 0,
      positionAfter,
    };
    partition.batches.push(tracked);
    return tracked;
  }

  /** The partition, if it has batches that are not settled. */
  find(name: string): Partition | undefined {
    return this.#partitions.get(name);
  }

  /**
   * Nothing of the partition is waited for any more, and the spout gets its memory back. What was settled behind a gap
   * counts, though its position is not reached: it was done here.
   */
  forget(partition: Partition): void {
    this.#advance(partition);
    partition.forgotten = true;
    for (const { ends, next, held, batch } of partition.batches) {
      for (const end of ends.subarray(next)) this.#count(end);
      if (held > 0) this.#release(batch);
    }
    partition.batches.length = 0;
    this.#partitions.delete(partition.name);
    this.#due.delete(partition);
  }

  /** Message `i` is done with, for good. True when there is something new to commit. */
  settle(tracked: Tracked, i: number, end: typeof ACKED | typeof DEAD): boolean {
    tracked.ends[i] = end;
    const { partition } = tracked;
    // Once per commit and partition: to move on with every message would take 50 ns.
    if (i !== tracked.next || tracked !== partition.batches[0] || this.#due.has(partition))
      return false;
    this.#due.add(partition);
    return true;
  }

  /** The batch need no longer hold the bytes of one message. */
  letGo(tracked: Tracked): void {
    if (--tracked.held > 0) return;
    const { batch, count, partition } = tracked;
    this.#advance(partition);
    if (tracked.next < count) {
      // The spout uses it again while a replay or a burial is under way: its positions are still needed.
      const positions = Float64Array.from({ length: count }, (_, i) => batch.positionAfter(i));
      tracked.positionAfter = (i) => positions[i]!;
    }
    this.#release(batch);
  }

  /** What to commit: the positions that moved since the last call, and the counts of all that lies before them. */
  moved(): { positions: ReadonlyMap<string, number>; counters: SpoutCounters } {
    for (const partition of this.#due) this.#advance(partition);
    this.#due.clear();
    const positions = this.#moved;
    this.#moved = new Map();
    const acked = this.#acked;
    const deadLetters = this.#deadLetters;
    return { positions, counters: { emitted: acked + deadLetters, acked, deadLetters } };
  }

  #count(end: number): void {
    if (end === ACKED) this.#acked++;
    if (end === DEAD) this.#deadLetters++;
  }

  #advance({ name, batches }: Partition): void {
    while (batches.length > 0) {
      const first = batches[0]!;
      const { ends, count, next } = first;
      let open = next;
      for (; open < count && ends[open] !== 0; open++) this.#count(ends[open]!);
      first.next = open;
      if (open > next) this.#moved.set(name, first.positionAfter(open - 1));
      if (open < count) return;
      batches.shift();
      if (batches.length === 0) this.#partitions.delete(name);
    }
  }
}
