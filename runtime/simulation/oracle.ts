/**
 * Holds a simulated run to what Squall promises: what it saw while it ran, and what it finds on the disk.
 *
 * @module
 */
import { bodyOf, idOf, temperOf } from './workload/message.js';
import type { Found } from './found.js';

/** What the oracle must know of a run. */
export interface Terms {
  readonly bodyLength: number;
  /** By sink: how many copies of a message it must hold. */
  readonly copies: ReadonlyMap<string, number>;
  readonly moody: boolean;
  /** Counts must be right to the one. */
  readonly exact: boolean;
}

export class Oracle {
  readonly #terms: Terms;
  /** The first promise that was broken. */
  violation: string | null = null;
  readonly #issued = new Map<string, number>();
  readonly #attempts = new Map<string, number>();
  readonly #owners = new Map<string, number>();
  readonly #last = new Map<string, number>();

  constructor(terms: Terms) {
    this.#terms = terms;
  }

  broken(promise: string): void {
    this.violation ??= promise;
  }

  issued(partition: string, n: number): void {
    this.#issued.set(partition, Math.max(n, this.#issued.get(partition) ?? 0));
  }

  emitted(partition: string, n: number): void {
    const id = idOf(partition, n);
    this.#attempts.set(id, (this.#attempts.get(id) ?? 0) + 1);
  }

  owns(key: string, task: number): void {
    const owner = this.#owners.get(key) ?? task;
    this.#owners.set(key, owner);
    if (owner !== task) this.broken(`rows of key ${key} came to tasks ${owner} and ${task}`);
  }

  /** A row of one sender came to one receiver. */
  inOrder(from: string, to: string, nth: number): void {
    const way = `${from} to ${to}`;
    if (nth <= (this.#last.get(way) ?? -1)) this.broken(`rows of ${way} came out of order`);
    this.#last.set(way, nth);
  }

  /** What is on the disk, at any time: what is committed is done, and what is stored was sent. */
  look(found: Found): void {
    this.#lookStored(found);
    for (const [partition, position] of found.positions) {
      for (let n = 0; n < position; n++) this.#lookDone(found, partition, n);
    }
    this.#lookCounters(found);
  }

  /** At the end, when everything is done. @param limits by partition, how many messages there were */
  lookDrained(found: Found, limits: ReadonlyMap<string, number>): void {
    this.look(found);
    for (const [partition, limit] of limits) {
      const position = found.positions.get(partition) ?? 0;
      if (position !== limit)
        this.broken(`${partition} is committed up to ${position} of ${limit} at the end`);
    }
    if (found.totals !== null) this.#lookTotals(found, found.totals);
  }

  #lookDone(found: Found, partition: string, n: number): void {
    const id = idOf(partition, n);
    if (found.letters.has(id)) return;
    const temper = temperOf(partition, n);
    if (this.#terms.moody && (temper === 'rejected' || temper === 'poison'))
      return this.broken(`${id} is committed, cannot be done, and is no dead letter`);
    for (const [sink, copies] of this.#terms.copies) {
      const stored = found.stored.get(sink)?.get(id)?.size ?? 0;
      if (stored < copies)
        this.broken(`${id} is committed, and ${sink} holds ${stored} of ${copies} copies`);
    }
  }

  #lookStored({ stored, letters, strange }: Found): void {
    if (strange !== null) this.broken(strange);
    for (const [sink, ids] of stored) {
      for (const [id, bodies] of ids) {
        const [partition, n] = partsOf(id);
        if (!this.#attempts.has(id)) this.broken(`${sink} holds ${id}, which nobody sent`);
        const body = bodyOf(partition, n, this.#terms.bodyLength);
        for (const each of bodies.values())
          if (each !== body) this.broken(`${sink} holds ${id} with other bytes`);
      }
    }
    for (const [id, { kind, raw }] of letters) {
      const [partition, n] = partsOf(id);
      const temper = this.#terms.moody ? temperOf(partition, n) : 'plain';
      if (raw !== id) this.broken(`the dead letter of ${id} has other bytes`);
      if ((kind === 'rejected') !== (temper === 'rejected'))
        this.broken(`${id} is ${temper}, and its dead letter says ${kind}`);
      if (kind === 'failed' && temper !== 'poison' && temper !== 'flaky')
        this.broken(`${id} is ${temper}, and its dead letter says ${kind}`);
    }
  }

  /** A task's counters go on from exactly what it committed. */
  #lookCounters({ logs }: Found): void {
    for (const { name, positions, counters } of logs) {
      const done = [...positions.values()].reduce((sum, position) => sum + position, 0);
      const { emitted, acked, deadLetters } = counters;
      if (emitted !== done || acked + deadLetters !== done)
        this.broken(`${name} is at ${done} messages and counts ${acked} + ${deadLetters}`);
    }
  }

  #lookTotals({ expected, letters }: Found, totals: ReadonlyMap<string, number>): void {
    for (const [cell, ids] of expected) {
      const least = ids.filter((id) => !letters.has(id)).length;
      const total = totals.get(cell) ?? 0;
      if (total < least || (this.#terms.exact && total > least))
        this.broken(`the total of ${cell} is ${total} of ${least}`);
    }
  }
}

function partsOf(id: string): [partition: string, n: number] {
  const at = id.indexOf('#');
  return [id.slice(0, at), Number(id.slice(at + 1))];
}
