import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createAtomically,
  readChecked,
  withChecksum,
  writeAtomically,
} from '../../../runtime/state/atomic-file.js';
import { failNext, temporaryFolder } from './faults.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder, 'file');
});

afterEach(async () => {
  jest.restoreAllMocks();
  await rm(folder, { recursive: true });
});

test('writes and replaces, readable by this user alone', async () => {
  await writeAtomically(path, 'old');
  await writeAtomically(path, Buffer.from('new'));
  expect(await readFile(path, 'utf8')).toBe('new');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('a write that fails leaves the old content and no temporary file', async () => {
  await writeAtomically(path, 'old');
  await failNext('sync', 'ENOSPC');
  await expect(writeAtomically(path, 'new')).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['file']);
});

test('of several that create a file one does, and its content stays', async () => {
  const created = await Promise.all(
    ['a', 'b', 'c'].map((content) => createAtomically(path, content)),
  );
  expect(created.filter(Boolean)).toHaveLength(1);
  expect(await readFile(path, 'utf8')).toBe(['a', 'b', 'c'][created.indexOf(true)]);
  expect(await readdir(folder)).toEqual(['file']);
});

test('a checked file gives back any text', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
      await writeFile(path, withChecksum(text));
      expect(await readChecked(path)).toBe(text);
    }),
    { numRuns: 30 },
  );
});

test('a checked file with a byte changed or cut is an error that names the file', async () => {
  const content = Buffer.from(withChecksum('{"epoch":12}'));
  for (let at = 0; at < content.length; at++) {
    const changed = Buffer.from(content);
    changed[at] ^= 1;
    await writeFile(path, changed);
    await expect(readChecked(path)).rejects.toThrow(`${path} is damaged`);
    await writeFile(path, content.subarray(0, at));
    await expect(readChecked(path)).rejects.toThrow(`${path} is damaged`);
  }
});
