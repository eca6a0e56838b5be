import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { countBy } from '../../../bolts/count-by/count-by.js';
import { firstShares } from '../../../runtime/coordinator/first-shares.js';
import { evenGroups, GROUPS, regrouped } from '../../../runtime/planner/shares.js';
import { taskFolder } from '../../../runtime/state/folder.js';
import { GroupJournal } from '../../../runtime/state/group-journal.js';
import { readShares, storeShares } from '../../../runtime/state/kept-shares.js';
import { topology } from '../../../topology/dsl/topology.js';
import { build, type Built } from '../../../topology/plan/build.js';
import { numbers, Numbered } from '../worker/parts.js';

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'squall-test-'));
});
afterEach(() => {
  rmSync(stateDir, { recursive: true });
});

/** @param tasks of the keyed bolt; without it, one per worker */
const built = (tasks?: number): Built =>
  build(
    topology('test', (t) => {
      const numbered = t.spout('in', numbers(1));
      const { totals } = t.bolt('count', countBy(Numbered, 'n', { every: '1s' }), {
        from: numbered.by('n'),
        ...(tasks !== undefined && { tasks }),
      });
      t.discard(totals, 'not looked at');
    }),
  );

/** Has a task keep one value in each of its groups. */
async function keep(task: number, groups: readonly number[]): Promise<void> {
  const state = await GroupJournal.open(taskFolder(stateDir, 'count', task));
  for (const [group, owner] of groups.entries())
    if (owner === task) state.of(group).put('was', task);
  await state.close();
}

/** What each task has in the groups that are its own. */
async function kept(groups: readonly number[], tasks: number): Promise<unknown[]> {
  const values = Array<unknown>(GROUPS);
  for (let task = 0; task < tasks; task++)
    for (const [group, , value] of await GroupJournal.read(taskFolder(stateDir, 'count', task)))
      if (groups[group] === task) values[group] = value;
  return values;
}

test('are those of the plan the first time, and are noted', async () => {
  const { shares } = await firstShares(built(3).plan, 2, stateDir);
  expect(shares['count']).toEqual({ taskWorkers: [0, 1, 0], groups: evenGroups(3) });
  expect(await readShares(stateDir)).toEqual({
    count: { planned: 3, tasks: 3, groups: evenGroups(3) },
  });
});

test('stay as a bolt was scaled, also on another number of workers', async () => {
  const groups = regrouped(evenGroups(1), 4);
  await storeShares(stateDir, { count: { planned: 1, tasks: 4, groups } });
  const { shares } = await firstShares(built(1).plan, 3, stateDir);
  expect(shares['count']).toEqual({ taskWorkers: [0, 1, 2, 0], groups });
});

test.each([
  [2, 5],
  [5, 2],
])(
  'are dealt anew when the plan asks for others, and state goes along: %i tasks, then %i',
  async (before, after) => {
    const first = await firstShares(built().plan, before, stateDir);
    const { groups } = first.kept['count']!;
    for (let task = 0; task < before; task++) await keep(task, groups);
    const { kept: then } = await firstShares(built().plan, after, stateDir);
    expect(then['count']).toEqual({
      planned: after,
      tasks: after,
      groups: regrouped(groups, after),
    });
    expect(await kept(then['count']!.groups, after)).toEqual(groups);
    // What the givers still have of before counts no more when keys come back.
    const { kept: again } = await firstShares(built().plan, before, stateDir);
    expect(await kept(again['count']!.groups, before)).toEqual(groups);
  },
);

test('refuse state that does not say which keys it is of', async () => {
  mkdirSync(taskFolder(stateDir, 'count', 0), { recursive: true });
  writeFileSync(join(taskFolder(stateDir, 'count', 0), 'state.journal'), 'something');
  await expect(firstShares(built().plan, 2, stateDir)).rejects.toThrow(
    /^count: the state folder .* does not say which keys it is of/,
  );
});

test('of a damaged table are none', async () => {
  await firstShares(built().plan, 2, stateDir);
  writeFileSync(join(stateDir, 'tasks', 'shares'), '{"count":{}}');
  await expect(firstShares(built().plan, 2, stateDir)).rejects.toThrow(/is damaged/);
});
