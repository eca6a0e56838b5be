/**
 * The disk of the simulated machine, as each process has it. Every call takes a while; a write may take a part of its
 * bytes; a full disk refuses what needs room, and a failing one syncs.
 *
 * @module
 */
import { constants } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Store, StoreFile } from '../../store.js';
import { FileNode } from './file.js';
import { FolderNode, type Entry } from './folder.js';
import type { Chance } from './random.js';
import type { Actor, Timeline } from './timeline.js';

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

/** How a call on the disk is carried out: at once, or after a while. */
type Carry = <T>(what: string, act: () => T, half?: () => void) => Promise<T>;

/** The files of a disk. */
class DiskStore implements Store {
  readonly #disk: Disk;
  readonly #carry: Carry;
  readonly #chance: Chance | null;

  /** @param chance how much of a write is taken at a time; all, without it */
  constructor(disk: Disk, carry: Carry, chance: Chance | null) {
    this.#disk = disk;
    this.#carry = carry;
    this.#chance = chance;
  }

  open(path: string, flags: string | number, mode = 0o666): Promise<StoreFile> {
    return this.#carry(`open ${named(path)}`, () => {
      const creates = typeof flags === 'number' ? (flags & constants.O_CREAT) !== 0 : flags !== 'r';
      const present = this.#disk.has(path);
      if (present && flags === 'wx') throw refusal('EEXIST', path);
      if (!present && creates) {
        this.#disk.needRoom(path);
        this.#disk.folder(dirname(path)).change([[basename(path), new FileNode(mode)]]);
      }
      const entry = this.#disk.find(path);
      if (entry instanceof FolderNode) return this.#folder(path, entry);
      if (flags === 'w') entry.truncate(0);
      return this.#file(path, entry);
    });
  }

  readFile(path: string): Promise<Buffer> {
    return this.#carry(`read ${path}`, () => Buffer.from(this.#disk.file(path).bytes));
  }

  readdir(path: string): Promise<string[]> {
    return this.#carry(`list ${path}`, () => [...this.#disk.folder(path).entries.keys()].sort());
  }

  rename(from: string, to: string): Promise<void> {
    return this.#carry(`rename ${to}`, () => {
      const entry = this.#disk.find(from);
      const changes = [
        [basename(to), entry],
        [basename(from), undefined],
      ] as const;
      this.#disk.folder(dirname(to)).change(changes);
    });
  }

  link(existing: string, path: string): Promise<void> {
    return this.#carry(`link ${path}`, () => {
      if (this.#disk.has(path)) throw refusal('EEXIST', path);
      this.#disk.folder(dirname(path)).change([[basename(path), this.#disk.find(existing)]]);
    });
  }

  rm(path: string, { force }: { readonly force: boolean }): Promise<void> {
    return this.#carry('remove', () => {
      if (this.#disk.has(path))
        this.#disk.folder(dirname(path)).change([[basename(path), undefined]]);
      else if (!force) throw refusal('ENOENT', path);
    });
  }

  mkdir(path: string): Promise<unknown> {
    return this.#carry(`make ${path}`, () => {
      const folder = this.#disk.folder(dirname(path));
      if (folder.entries.has(basename(path))) throw refusal('EEXIST', path);
      this.#disk.needRoom(path);
      folder.change([[basename(path), new FolderNode()]]);
    });
  }

  stat(path: string): Promise<{ isDirectory(): boolean }> {
    return this.#carry(`stat ${path}`, () => {
      const entry = this.#disk.find(path);
      return { isDirectory: () => entry instanceof FolderNode };
    });
  }

  #file(path: string, file: FileNode): StoreFile {
    const write = (bytes: Uint8Array, at: number): number => {
      this.#disk.needRoom(path);
      const whole = this.#chance === null || this.#chance.is(0.9);
      const taken = whole ? bytes.length : this.#chance!.int(1, bytes.length);
      file.write(bytes.subarray(0, taken), at);
      return taken;
    };
    const half = (bytes: Uint8Array, at: number): void => {
      if (this.#chance !== null)
        file.write(bytes.subarray(0, this.#chance.int(0, bytes.length)), at);
    };
    const sync = (): void => {
      if (!this.#disk.failing || this.#chance?.is(0.5) !== true) return file.sync();
      file.failSync();
      throw refusal('EIO', path);
    };
    return {
      write: (bytes, offset, length, position) => {
        const part = bytes.subarray(offset, offset + length);
        return this.#carry(
          `write ${path} ${position} ${length}`,
          () => ({ bytesWritten: write(part, position) }),
          () => half(part, position),
        );
      },
      writeFile: (content) => {
        const bytes = Buffer.from(content);
        return this.#carry(
          'write',
          () => {
            this.#disk.needRoom(path);
            file.write(bytes, 0);
          },
          () => half(bytes, 0),
        );
      },
      readFile: () => this.#carry(`read ${path}`, () => Buffer.from(file.bytes)),
      truncate: (length) => this.#carry(`truncate ${path} ${length}`, () => file.truncate(length)),
      sync: () => this.#carry('sync', sync),
      datasync: () => this.#carry(`sync ${path}`, sync),
      stat: () => this.#carry('stat', () => ({ mode: file.mode })),
      close: async () => {},
    };
  }

  #folder(path: string, folder: FolderNode): StoreFile {
    const never = (): Promise<never> => Promise.reject(refusal('EISDIR', path));
    const sync = (): Promise<void> => this.#carry(`sync ${path}`, () => folder.sync());
    const close = async (): Promise<void> => {};
    return {
      write: never,
      writeFile: never,
      readFile: never,
      truncate: never,
      stat: never,
      sync,
      datasync: sync,
      close,
    };
  }
}

/** A disk as a process has it. */
export class ProcessStore extends DiskStore {
  readonly #underWay: Set<() => void>;
  readonly #chance: Chance;

  constructor(disk: Disk, actor: Actor, timeline: Timeline, chance: Chance) {
    const underWay = new Set<() => void>();
    const carry: Carry = (what, act, half) =>
      new Promise((resolve, reject) => {
        const abandoned = (): void => {
          if (chance.is(0.6) && half !== undefined) half();
          else tried(act);
        };
        underWay.add(abandoned);
        timeline.in(chance.between(0.02, 1.5), actor, what, () => {
          underWay.delete(abandoned);
          try {
            resolve(act());
          } catch (error) {
            reject(error as Error);
          }
        });
      });
    super(disk, carry, chance);
    this.#underWay = underWay;
    this.#chance = chance;
  }

  /** Its process is dead: what was under way was done, or half of it, or nothing. */
  abandon(): void {
    for (const abandoned of this.#underWay) if (this.#chance.is(0.7)) abandoned();
    this.#underWay.clear();
  }
}

/** A disk as whoever looks on has it: everything is done at once, and whole. */
export const onlooker = (disk: Disk): Store => new DiskStore(disk, async (_, act) => act(), null);

/** Without what makes names of temporary files differ. */
const named = (path: string): string => path.replace(/\.[0-9a-f]{12}\.tmp$/, '.tmp');

function tried(act: () => unknown): void {
  try {
    act();
  } catch {
    // Nobody is left to be told.
  }
}

/** As `node:fs` has it. */
const refusal = (code: string, path: string): Error =>
  Object.assign(new Error(`${code}: ${path}`), { code });
