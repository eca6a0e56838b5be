/**
 * The map behind `context.state()`: all of it in memory, its changes in a journal.
 *
 *     change = [key, value] | [key]     (put, delete)
 *
 * What is read back is the state after some flush.
 *
 * @module
 */
import { join } from 'node:path';
import { LiveState } from '../../topology/dsl/live-state.js';
import { files } from '../store.js';
import { ChangeLog } from './change-log.js';

type Change = [key: string, value: unknown] | [key: string];

export class KeyedJournal extends LiveState {
  readonly #log: ChangeLog<Change>;

  private constructor(log: ChangeLog<Change>, live: Map<string, unknown>) {
    super(live);
    this.#log = log;
  }

  /** Opens or makes the journal `state.journal` in `folder`. Only one may be open at a time. */
  static async open(folder: string, store = files): Promise<KeyedJournal> {
    const { log, changes } = await ChangeLog.open<Change>(join(folder, 'state.journal'), store);
    const live = new Map<string, unknown>();
    for (const [key, ...value] of changes)
      value.length === 0 ? live.delete(key) : live.set(key, value[0]);
    return new KeyedJournal(log, live);
  }

  flush(): Promise<void> {
    if (this.dirty.size > 0) this.#record();
    return this.#log.flush();
  }

  /** Flushes and closes. */
  async close(): Promise<void> {
    await this.flush();
    await this.#log.close();
  }

  #record(): void {
    const changes = [...this.dirty].map((key) => this.#change(key));
    this.#log.add(changes, this.live.size, () => [...this.live]);
    this.dirty.clear();
  }

  #change(key: string): Change {
    const value = this.live.get(key);
    return value === undefined ? [key] : [key, value];
  }
}
