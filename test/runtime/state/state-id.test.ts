import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { stateId } from '../../../runtime/state/state-id.js';

let folders: string[];
beforeEach(() => {
  folders = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'squall-')));
});
afterEach(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

test('a state folder keeps its id, and no other has the same', async () => {
  const [one, other] = folders.map((each) => stateId(each));
  expect(await one).toMatch(/^[0-9a-f]{16}$/);
  expect(await other).not.toBe(await one);
  expect(await stateId(folders[0]!)).toBe(await one);
});
