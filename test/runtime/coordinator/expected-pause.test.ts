import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { expectedPauseMs } from '../../../runtime/coordinator/expected-pause.js';
import type { ScalePlan } from '../../../runtime/planner/scale.js';
import { evenGroups, movesBetween, regrouped } from '../../../runtime/planner/shares.js';
import { taskFolder } from '../../../runtime/state/folder.js';
import { GROUP_JOURNAL } from '../../../runtime/state/group-journal.js';

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'squall-test-'));
});
afterEach(() => {
  rmSync(stateDir, { recursive: true });
});

function planned(from: number, to: number, keyed: boolean): ScalePlan {
  const before = { taskWorkers: Array<number>(from).fill(0), groups: evenGroups(from) };
  const groups = regrouped(before.groups, to);
  const after = { taskWorkers: Array<number>(to).fill(0), groups };
  const moves = movesBetween(before.groups, groups);
  return { component: 'count', before, after, moves, tasks: [], keyed };
}

test('grows with what the largest giver remembers, and is nothing where nobody waits', async () => {
  const without = await expectedPauseMs(stateDir, planned(2, 3, true));
  expect(without).toBeGreaterThan(await expectedPauseMs(stateDir, planned(2, 3, false)));
  expect(await expectedPauseMs(stateDir, planned(2, 2, true))).toBe(0);
  const remember = (task: number, bytes: number): void => {
    const folder = taskFolder(stateDir, 'count', task);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, GROUP_JOURNAL), Buffer.alloc(bytes));
  };
  remember(0, 3_000_000);
  const one = await expectedPauseMs(stateDir, planned(2, 3, true));
  expect(one).toBeGreaterThan(without);
  remember(1, 2_000_000);
  expect(await expectedPauseMs(stateDir, planned(2, 3, true))).toBe(one);
  // Only task 1 gives.
  expect(await expectedPauseMs(stateDir, planned(2, 1, true))).toBeLessThan(one);
});
