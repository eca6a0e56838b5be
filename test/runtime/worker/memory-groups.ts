/** What tasks remember by key, on a disk that is in memory. @module */
import { GroupState, type Entry } from '../../../runtime/state/group-state.js';
import type { GroupPort } from '../../../runtime/worker/ports.js';

/** What was stored, by `component-task`: it outlives workers. */
export type GroupDisk = Map<string, readonly Entry[]>;

class MemoryGroups extends GroupState {
  readonly #write: (entries: readonly Entry[]) => Promise<void>;

  constructor(stored: readonly Entry[], write: (entries: readonly Entry[]) => Promise<void>) {
    super(stored);
    this.#write = write;
  }

  protected store(): Promise<void> {
    this.takeChanges();
    return this.#write([...this.entries()]);
  }

  close(): Promise<void> {
    return this.store();
  }
}

/** @param alive whether the worker still is: what a dead one writes does not reach the disk */
export function memoryGroups(disk: GroupDisk, alive: () => boolean): GroupPort {
  return {
    open: async (component, task) => {
      const name = `${component}-${task}`;
      return new MemoryGroups(disk.get(name) ?? [], async (entries) => {
        await Promise.resolve();
        if (alive()) disk.set(name, entries);
      });
    },
    read: async (component, task) => disk.get(`${component}-${task}`) ?? [],
  };
}
