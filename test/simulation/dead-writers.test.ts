/** What the simulation found of writers that died before they had synced. @module */
import { expect, test } from '@jest/globals';
import { Journal, readJournal } from '../../runtime/state/journal.js';
import type { Store } from '../../runtime/store.js';
import { Disk, onlooker } from '../../runtime/simulation/machine/disk.js';
import { Chance } from '../../runtime/simulation/machine/random.js';

const PATH = '/journal.log';

/** As on Linux: the pages of a sync that failed count as clean, though they are not on the disk. */
const failing = (disk: Disk): Store => {
  const store = onlooker(disk);
  return Object.assign(Object.create(store), {
    mkdir: () => Promise.reject(Object.assign(new Error('EEXIST'), { code: 'EEXIST' })),
    stat: async () => ({ isDirectory: () => true }),
    open: async (path: string, flags: string | number, mode: number) => ({
      ...(await store.open(path, flags, mode)),
      datasync: async () => {
        disk.file(PATH).failSync();
        throw Object.assign(new Error('EIO'), { code: 'EIO' });
      },
    }),
  });
};

test('what a dead writer could not sync is durable before anything is written behind it', async () => {
  const disk = new Disk();
  const { journal: dead } = await Journal.open(PATH, failing(disk));
  dead.append(Buffer.from('of the dead'));
  await expect(dead.flush()).rejects.toThrow('EIO');
  const store = onlooker(disk);
  const { journal, records } = await Journal.open(PATH, store);
  expect(records.map(String)).toEqual(['of the dead']);
  journal.append(Buffer.from('acked'));
  await journal.flush();
  disk.losePower(new Chance(1));
  expect((await readJournal(PATH, store)).records.map(String)).toEqual(['of the dead', 'acked']);
});

test.each(['/letters', '/letters/of-one'])(
  'a name is durable in %s, which somebody made who died before that was synced',
  async (folder) => {
    const disk = new Disk();
    const store = onlooker(disk);
    await store.mkdir('/letters', { mode: 0o700 });
    const { journal } = await Journal.open(`${folder}/journal.log`, store);
    journal.append(Buffer.from('acked'));
    await journal.flush();
    // The first of what was not synced may be on the disk: here nothing is.
    disk.losePower(Object.assign(new Chance(1), { int: () => 0 }));
    const { records } = await readJournal(`${folder}/journal.log`, store);
    expect(records.map(String)).toEqual(['acked']);
  },
);
