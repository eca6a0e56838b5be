import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { notePlan } from '../../../runtime/state/noted-plan.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('another plan than the one before is noticed, once', async () => {
  const seen = [];
  for (const hash of ['a', 'a', 'b', 'b', 'a']) seen.push(await notePlan(folder, hash));
  expect(seen).toEqual([true, true, false, true, false]);
});
