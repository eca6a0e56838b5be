/** Bugs in how state is kept. @module */
import { constants } from 'node:fs';
import { DeadLetters } from '../../state/dead-letters.js';
import { GroupJournal } from '../../state/group-journal.js';
import { codeOf } from '../../state/system-error.js';
import type { StoreFile } from '../../store.js';
import { replaced, type Mutant, type Planting } from './mutant.js';

const isNew = (path: string): boolean => path.endsWith('.tmp');
const isFolder = (path: string): boolean => !/\.\w+$/.test(path);
const nothing = async (): Promise<void> => {};

export const ofState: readonly Mutant[] = [
  {
    name: 'a journal is not synced',
    planting: filing((path, file) =>
      isNew(path) || isFolder(path) ? file : { ...file, datasync: nothing },
    ),
  },
  {
    name: 'a file is not synced before it takes the place of another',
    planting: filing((path, file) =>
      isNew(path) ? { ...file, sync: nothing, datasync: nothing } : file,
    ),
  },
  {
    name: 'a folder is not synced after a rename',
    planting: filing((path, file) => (isFolder(path) ? { ...file, sync: nothing } : file)),
  },
  {
    name: 'a sync that failed is taken for one that did not',
    planting: filing((_, file) => ({
      ...file,
      datasync: () => file.datasync().catch(nothing),
    })),
  },
  {
    name: 'what a full disk refuses is taken for written',
    planting: filing((_, file) => ({
      ...file,
      write: (bytes, offset, length, position) =>
        file.write(bytes, offset, length, position).catch((error: unknown) => {
          if (codeOf(error) === 'ENOSPC') return { bytesWritten: length };
          throw error;
        }),
    })),
  },
  {
    name: 'a torn tail is not cut off, and what comes next is written behind it',
    planting: filing((_, file, flags) =>
      flags === (constants.O_RDWR | constants.O_CREAT) ? appending(file) : file,
    ),
  },
  {
    name: 'a dead letter is committed before it is stored',
    plant: () => replaced(DeadLetters.prototype, 'flush', late),
  },
  {
    name: 'counted rows are acked before the counts are stored',
    plant: () => replaced(GroupJournal.prototype, 'flush', seldom),
  },
];

/** Stores every tenth time. */
function seldom<T>(flush: (this: T) => Promise<void>): (this: T) => Promise<void> {
  let times = 0;
  return async function (this: T) {
    if (++times % 10 === 0) await flush.call(this);
  };
}

/** Stores, and does not wait for it. */
function late<T>(flush: (this: T) => Promise<void>): (this: T) => Promise<void> {
  return async function (this: T) {
    void flush.call(this).catch(nothing);
  };
}

/** Gives workers other files than they open. */
function filing(
  make: (path: string, file: StoreFile, flags: string | number) => StoreFile,
): Planting {
  return {
    world: ({ store, ...world }) => ({
      ...world,
      store: {
        open: async (path, flags, mode) => make(path, await store.open(path, flags, mode), flags),
        readFile: (path) => store.readFile(path),
        readdir: (path) => store.readdir(path),
        rename: (from, to) => store.rename(from, to),
        link: (existing, path) => store.link(existing, path),
        rm: (path, options) => store.rm(path, options),
        mkdir: (path, options) => store.mkdir(path, options),
        stat: (path) => store.stat(path),
      },
    }),
  };
}

function appending(file: StoreFile): StoreFile {
  return {
    ...file,
    truncate: nothing,
    write: async (bytes, offset, length) => {
      const { length: end } = await file.readFile();
      return file.write(bytes, offset, length, end);
    },
  };
}
