import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { notePlan, refuseOtherTopology } from '../../../runtime/state/noted-plan.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('another plan than the one before is noticed, once', async () => {
  const seen = [];
  for (const hash of ['a', 'a', 'b', 'b', 'a'])
    seen.push(await notePlan(folder, { hash, name: 'job' }));
  expect(seen).toEqual([true, true, false, true, false]);
});

test('a folder with the state of an unfinished run takes that topology only, and says whose it is', async () => {
  await refuseOtherTopology(folder, 'job');
  await notePlan(folder, { hash: 'a', name: 'job' });
  await refuseOtherTopology(folder, 'job');
  await expect(refuseOtherTopology(folder, 'other')).rejects.toThrow(
    `The state folder ${folder} holds how far a run of the topology "job" came`,
  );
});
