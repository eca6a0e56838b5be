import { describe, expect, test } from '@jest/globals';
import { countBy } from '../../../bolts/count-by/count-by.js';
import { dedupe } from '../../../bolts/dedupe/dedupe.js';
import { place } from '../../../runtime/planner/place.js';
import { planScale, ScaleRefused, type ScalePlan } from '../../../runtime/planner/scale.js';
import { GROUPS, type Shares } from '../../../runtime/planner/shares.js';
import { merge } from '../../../topology/dsl/stream.js';
import { topology } from '../../../topology/dsl/topology.js';
import { build } from '../../../topology/plan/build.js';
import { numbers, Numbered, stepping, Store } from '../worker/parts.js';

const built = build(
  topology('test', (t) => {
    const step = stepping((row, emit) => emit.out(row));
    const wide = t.bolt('wide', step, { from: t.spout('in', numbers(1)).shuffle() });
    const fused = t.bolt('fused', step, { from: wide.out.shuffle() });
    const cut = t.bolt('cut', step, { from: fused.out.shuffle(), tasks: 1 });
    const one = t.bolt('one', step, { from: cut.out.global() });
    const every = t.bolt('every', step, { from: one.out.all(), tasks: 3 });
    const both = t.bolt('both', step, {
      from: merge(every.out.by('n'), every.out.shuffle()),
      tasks: 1,
    });
    const pinned = t.bolt('pinned', step, { from: both.out.by('n'), tasks: 1, worker: 1 });
    const { unique } = t.bolt('unique', dedupe(Numbered, 'n', { window: '1h' }), {
      from: pinned.out.by('n'),
    });
    const { totals } = t.bolt('count', countBy(Numbered, 'n', { every: '1s' }), {
      from: unique.by('n'),
      tasks: 1,
    });
    t.discard(totals, 'not looked at');
    t.sink('store', new Store().sink(), { from: unique.shuffle() });
  }),
);
const planned = (component: string, tasks: number, shares: Shares = {}): ScalePlan =>
  planScale(place(built.plan, 2, shares), component, tasks);

describe('a keyed bolt', () => {
  test('gets tasks where there are fewest, and keeps those it has where they are', () => {
    const first = planned('count', 5);
    const [only] = first.before.taskWorkers;
    expect(first.after.taskWorkers[0]).toBe(only);
    const inFirst = first.after.taskWorkers.filter((worker) => worker === 0).length;
    expect([2, 3]).toContain(inFirst);
    const { after } = planned('count', 2, { count: first.after });
    expect(after.taskWorkers).toEqual(first.after.taskWorkers.slice(0, 2));
  });

  test('has the tasks wait that begin, end, give or take, and no others', () => {
    const { after } = planned('count', 3);
    const plan = planned('count', 4, { count: after });
    expect(plan.tasks).toEqual([0, 1, 2, 3]);
    expect(plan.moves.every(({ to }) => to === 3)).toBe(true);
    expect(plan.moves.flatMap(({ groups }) => groups).length).toBe(GROUPS / 4);
    expect(plan.keyed).toBe(true);
    expect(planned('count', 3, { count: after })).toMatchObject({ moves: [], tasks: [] });
  });

  test('that was put into one worker stays there', () => {
    expect(planned('pinned', 3).after.taskWorkers).toEqual([1, 1, 1]);
  });
});

test('a bolt whose rows come in turn has only those wait that begin or end', () => {
  const plan = planned('cut', 5);
  expect(plan).toMatchObject({ moves: [], tasks: [1, 2, 3, 4], keyed: false });
  expect(planned('cut', 3, { cut: plan.after })).toMatchObject({ moves: [], tasks: [3, 4] });
});

test.each([
  ['nobody', 2, 'There is no bolt "nobody"'],
  ['count', 0, 'cannot have 0 tasks'],
  ['count', 1.5, 'cannot have 1.5 tasks'],
  ['count', GROUPS + 1, 'give 1 to 1024'],
  ['in', 2, 'it is a spout'],
  ['store', 2, 'it is a sink'],
  ['fused', 2, 'Scale the workers instead'],
  ['one', 2, 'all of its rows go to one task'],
  ['every', 2, 'dealt out by all'],
  ['both', 2, 'dealt out by by and shuffle'],
  ['unique', 3, 'it does not say what its tasks remember'],
])('%s cannot have %d tasks: %s', (component, tasks, reason) => {
  expect(() => planned(component, tasks)).toThrow(ScaleRefused);
  expect(() => planned(component, tasks)).toThrow(reason);
});
