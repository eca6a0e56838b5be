/**
 * The parts behind `context.keyedState()`: their changes in a journal, `state-by-key.journal`.
 *
 *     change = [group, key, value] | [group, key] | [group]     (put, delete, forget the group)
 *
 * A task may hold groups on disk that are another's by now: who opens it says which are its own. So a move is a copy
 * to the taker, then the change of one table; what the giver still has is forgotten later.
 *
 * @module
 */
import { join } from 'node:path';
import { files } from '../store.js';
import { ChangeLog } from './change-log.js';
import { GroupState, type Entry, type GroupChange } from './group-state.js';

export class GroupJournal extends GroupState {
  readonly #log: ChangeLog<GroupChange>;

  private constructor(log: ChangeLog<GroupChange>, changes: readonly GroupChange[]) {
    super(changes);
    this.#log = log;
  }

  /** Opens or makes it in the folder of a task. Only one may be open at a time. */
  static async open(folder: string, store = files): Promise<GroupJournal> {
    const { log, changes } = await ChangeLog.open<GroupChange>(pathIn(folder), store);
    return new GroupJournal(log, changes);
  }

  /** What is stored in the folder of another task. */
  static async read(folder: string, store = files): Promise<Iterable<Entry>> {
    const stored = new Stored();
    for await (const changes of ChangeLog.read<GroupChange>(pathIn(folder), store))
      stored.apply(changes);
    return stored.entries();
  }

  protected store(): Promise<void> {
    const changes = this.takeChanges();
    if (changes.length > 0) this.#log.add(changes, this.size, () => [...this.entries()]);
    return this.#log.flush();
  }

  /** Flushes and closes. */
  async close(): Promise<void> {
    await this.store();
    await this.#log.close();
  }
}

/** Only to be read. */
class Stored extends GroupState {
  protected async store(): Promise<void> {}
  async close(): Promise<void> {}
}

/** Its file in the folder of a task. */
export const GROUP_JOURNAL = 'state-by-key.journal';

const pathIn = (folder: string): string => join(folder, GROUP_JOURNAL);
