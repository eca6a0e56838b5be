/** A folder of the simulated disk: its names are durable when it was synced. @module */
import type { FileNode } from './file.js';
import type { Chance } from './random.js';

export type Entry = FileNode | FolderNode;

/** Names set and removed by one call: all of it is on the disk, or none. */
type Change = readonly (readonly [name: string, entry: Entry | undefined])[];

export class FolderNode {
  readonly entries = new Map<string, Entry>();
  readonly #durable = new Map<string, Entry>();
  #unsynced: Change[] = [];

  change(change: Change): void {
    apply(this.entries, change);
    this.#unsynced.push(change);
  }

  sync(): void {
    for (const change of this.#unsynced.splice(0)) apply(this.#durable, change);
  }

  /** The first of the changes that were not synced are on the disk: file systems keep their order. */
  losePower(chance: Chance): void {
    const kept = chance.int(0, this.#unsynced.length);
    for (const change of this.#unsynced.slice(0, kept)) apply(this.#durable, change);
    this.#unsynced = [];
    this.entries.clear();
    for (const [name, entry] of this.#durable) this.entries.set(name, entry);
    for (const entry of this.entries.values()) entry.losePower(chance);
  }
}

function apply(to: Map<string, Entry>, change: Change): void {
  for (const [name, entry] of change)
    if (entry === undefined) to.delete(name);
    else to.set(name, entry);
}
