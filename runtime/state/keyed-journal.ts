/**
 * The map behind `context.state()`: all of it in memory, its changes in a journal.
 *
 *     record = JSON [change, …]     change = [key, value] | [key]     (put, delete)
 *
 * One record holds what one flush stores, so that a torn tail cuts off whole flushes: what is read
 * back is the state after some flush. When most of the journal is dead it is replaced by the live entries.
 *
 * @module
 */
import { join } from 'node:path';
import { LiveState } from '../../topology/dsl/live-state.js';
import { files } from '../store.js';
import { Journal } from './journal.js';

type Change = [key: string, value: unknown] | [key: string];

export class KeyedJournal extends LiveState {
  readonly #journal: Journal;
  /** Changes in the file. */
  #recorded: number;

  private constructor(journal: Journal, live: Map<string, unknown>, recorded: number) {
    super(live);
    this.#journal = journal;
    this.#recorded = recorded;
  }

  /** Opens or makes the journal `state.journal` in `folder`. Only one may be open at a time. */
  static async open(folder: string, store = files): Promise<KeyedJournal> {
    const { journal, records } = await Journal.open(join(folder, 'state.journal'), store);
    const live = new Map<string, unknown>();
    let recorded = 0;
    for (const record of records) {
      const changes = JSON.parse(record.toString()) as Change[];
      recorded += changes.length;
      for (const [key, ...value] of changes)
        value.length === 0 ? live.delete(key) : live.set(key, value[0]);
    }
    return new KeyedJournal(journal, live, recorded);
  }

  flush(): Promise<void> {
    if (this.dirty.size > 0) this.#record();
    return this.#journal.flush();
  }

  /** Flushes and closes. */
  async close(): Promise<void> {
    await this.flush();
    await this.#journal.close();
  }

  #record(): void {
    this.#recorded += this.dirty.size;
    if (this.#recorded > DEAD_PER_LIVE * this.live.size + DEAD_MAX) this.#compact();
    else this.#journal.append(encoded([...this.dirty].map((key) => this.#change(key))));
    this.dirty.clear();
  }

  #compact(): void {
    const entries = [...this.live];
    const records: Buffer[] = [];
    for (let i = 0; i < entries.length; i += SNAPSHOT_RECORD) {
      records.push(encoded(entries.slice(i, i + SNAPSHOT_RECORD)));
    }
    this.#journal.replaceAll(records);
    this.#recorded = entries.length;
  }

  #change(key: string): Change {
    const value = this.live.get(key);
    return value === undefined ? [key] : [key, value];
  }
}

/** Compaction writes each live entry once per so many changes: a quarter more to write, five times as much to read at start. */
const DEAD_PER_LIVE = 4;
const DEAD_MAX = 10_000;
/** Entries in one record of a compacted journal: keeps its JSON well under the longest string. */
const SNAPSHOT_RECORD = 4_096;

const encoded = (changes: readonly Change[]): Buffer => Buffer.from(JSON.stringify(changes));
