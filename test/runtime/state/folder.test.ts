import { expect, test } from '@jest/globals';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../../runtime/state/folder.js';

test('makes the missing folders above, also when several make them at once', async () => {
  const top = await mkdtemp(join(tmpdir(), 'squall-folder-'));
  const deep = join(top, 'a', 'b', 'c');
  await Promise.all([makeFolder(deep), makeFolder(deep), makeFolder(join(top, 'a', 'd'))]);
  expect((await stat(deep)).isDirectory()).toBe(true);
  expect((await stat(deep)).mode & 0o777).toBe(0o700);
  await rm(top, { recursive: true });
});

test('says so where no folder can be made, instead of trying for ever', async () => {
  await expect(makeFolder('/proc/squall/state')).rejects.toMatchObject({ code: 'ENOENT' });
});
