/**
 * A journal of the changes of something that is in memory as a whole.
 *
 *     record = JSON [change, …]
 *
 * One record holds what one flush stores, so that a torn tail cuts off whole flushes. When most of the journal is
 * dead it is replaced by the changes that make what is there now.
 *
 * @module
 */
import type { Store } from '../store.js';
import { Journal, readJournal } from './journal.js';

export class ChangeLog<Change> {
  readonly #journal: Journal;
  /** Changes in the file. */
  #recorded: number;

  private constructor(journal: Journal, recorded: number) {
    this.#journal = journal;
    this.#recorded = recorded;
  }

  /** Opens or makes the file. Only one may be open at a time. */
  static async open<Change>(
    path: string,
    store: Store,
  ): Promise<{ log: ChangeLog<Change>; changes: readonly Change[] }> {
    const { journal, records } = await Journal.open(path, store);
    const changes = decoded<Change>(records);
    return { log: new ChangeLog(journal, changes.length), changes };
  }

  /** The changes in a file that somebody else may have open. Other work goes on between its records. */
  static async *read<Change>(path: string, store: Store): AsyncGenerator<readonly Change[]> {
    for (const record of (await readJournal(path, store)).records) {
      yield decoded<Change>([record]);
      await new Promise(setImmediate);
    }
  }

  /**
   * Takes changes, which the next flush stores together.
   * @param live how many of all changes count
   * @param all those, when the file is to be replaced
   */
  add(changes: readonly Change[], live: number, all: () => readonly Change[]): void {
    this.#recorded += changes.length;
    if (this.#recorded > DEAD_PER_LIVE * live + DEAD_MAX) this.#compact(all());
    else this.#journal.append(encoded(changes));
  }

  flush(): Promise<void> {
    return this.#journal.flush();
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  #compact(changes: readonly Change[]): void {
    const records: Buffer[] = [];
    for (let i = 0; i < changes.length; i += SNAPSHOT_RECORD)
      records.push(encoded(changes.slice(i, i + SNAPSHOT_RECORD)));
    this.#journal.replaceAll(records);
    this.#recorded = changes.length;
  }
}

/** Compaction writes each live entry once per so many changes: a quarter more to write, five times as much to read at start. */
const DEAD_PER_LIVE = 4;
const DEAD_MAX = 10_000;
/** Entries in one record of a compacted journal: keeps its JSON well under the longest string. */
const SNAPSHOT_RECORD = 4_096;

const encoded = (changes: readonly unknown[]): Buffer => Buffer.from(JSON.stringify(changes));

const decoded = <Change>(records: readonly Buffer[]): Change[] =>
  records.flatMap((record) => JSON.parse(record.toString()) as Change[]);
