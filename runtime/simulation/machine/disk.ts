/** The disk of the simulated machine: folders and files by path, and what is wrong with it. @module */
import { basename, dirname } from 'node:path';
import { FileNode } from './file.js';
import { FolderNode, type Entry } from './folder.js';
import type { Chance } from './random.js';

export class Disk {
  readonly #root = new FolderNode();
  /** No room is left. */
  full = false;
  /** A sync may fail. */
  failing = false;

  losePower(chance: Chance): void {
    this.#root.losePower(chance);
  }

  folder(path: string): FolderNode {
    const entry = this.find(path);
    if (!(entry instanceof FolderNode)) throw refusal('ENOTDIR', path);
    return entry;
  }

  file(path: string): FileNode {
    const entry = this.find(path);
    if (!(entry instanceof FileNode)) throw refusal('EISDIR', path);
    return entry;
  }

  find(path: string): Entry {
    let entry: Entry = this.#root;
    for (const name of path.split('/')) {
      if (name === '') continue;
      if (!(entry instanceof FolderNode)) throw refusal('ENOTDIR', path);
      const next: Entry | undefined = entry.entries.get(name);
      if (next === undefined) throw refusal('ENOENT', path);
      entry = next;
    }
    return entry;
  }

  has(path: string): boolean {
    const { entries } = this.folder(dirname(path));
    return entries.has(basename(path));
  }

  needRoom(path: string): void {
    if (this.full) throw refusal('ENOSPC', path);
  }
}

/** As `node:fs` has it. */
export const refusal = (code: string, path: string): Error =>
  Object.assign(new Error(`${code}: ${path}`), { code });
