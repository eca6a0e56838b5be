/** A record batch with those who wait for its records to be stored. @module */
import { RecordBatch } from './record-batch.js';

interface Waiter {
  readonly stored: () => void;
  readonly failed: (error: Error) => void;
}

export class Outgoing {
  readonly createdMs: number;
  readonly #records: RecordBatch;
  readonly #waiters: Waiter[];

  constructor(createdMs: number, records = new RecordBatch(createdMs), waiters: Waiter[] = []) {
    this.createdMs = createdMs;
    this.#records = records;
    this.#waiters = waiters;
  }

  get records(): Pick<RecordBatch, 'count' | 'size' | 'seal'> {
    return this.#records;
  }

  /** Copies a record to the end. */
  add(key: Uint8Array | null, value: Uint8Array | null, nowMs: number, waiter: Waiter): void {
    this.#records.add(key, value, nowMs);
    this.#waiters.push(waiter);
  }

  stored(): void {
    for (const { stored } of this.#waiters) stored();
  }

  failed(error: Error): void {
    for (const { failed } of this.#waiters) failed(error);
  }

  /** The same in two. */
  halves(): [Outgoing, Outgoing] {
    const { count } = this.#records;
    const part = (from: number, to: number): Outgoing =>
      new Outgoing(this.createdMs, this.#records.slice(from, to), this.#waiters.slice(from, to));
    return [part(0, count >> 1), part(count >> 1, count)];
  }
}
