/** The task of a live log: reads what `receiver.ts` journalled. @module */
import { LineBatch } from '../../topology/dsl/line-batch.js';
import type { Batch, LineJournal, Positions, SpoutTask } from '../../topology/dsl/spout.js';

/** Rows over lines of the journal. */
export interface Rows<T extends object> extends Batch<T> {
  readonly lines: LineBatch;
}

export class JournalTask<T extends object> implements SpoutTask<T> {
  readonly #journal: LineJournal;
  readonly #rowsOf: (lines: LineBatch) => Rows<T>;

  constructor(journal: LineJournal, rowsOf: (lines: LineBatch) => Rows<T>) {
    this.#journal = journal;
    this.#rowsOf = rowsOf;
  }

  poll(): Rows<T> | 'idle' {
    const lines = this.#journal.poll();
    return lines instanceof LineBatch ? this.#rowsOf(lines) : 'idle';
  }

  release(rows: Rows<T>): void {
    this.#journal.release(rows.lines);
  }

  committed(positions: Positions): void {
    this.#journal.committed(positions);
  }

  close(): void {
    this.#journal.close();
  }
}
