import { expect, test } from '@jest/globals';
import { comparePlans } from '../../../runtime/nimbus/compare-plans.js';
import type { Plan, PlanNode } from '../../../topology/plan/plan.js';

const count: PlanNode = {
  name: 'count',
  role: 'bolt',
  kind: 'count-by',
  needs: ['word'],
  remembers: 'keyed',
  reads: { title: 'word', fields: { word: { type: 'text' } } } as never,
  parameters: { everyMs: 1000 },
  inputs: [],
  outputs: [],
};
const split: PlanNode = { name: 'split', role: 'bolt', kind: 'bolt', inputs: [], outputs: [] };

const plan = (...nodes: PlanNode[]): Plan => ({
  version: 1,
  name: 'test',
  parameters: {},
  hash: '',
  nodes,
});

test('what an upgrade changes is told by component', () => {
  const to = plan({ ...split, tasks: 2 }, { ...split, name: 'other' });
  expect(comparePlans(plan(split, { ...split, name: 'old' }), to)).toEqual({
    changes: ['bolt "old" is removed', 'bolt "other" is added', 'bolt "split": its tasks changed'],
    problems: [],
  });
});

test.each([
  ['is not there any more', plan(split)],
  ['is of another kind', plan({ ...count, kind: 'other' })],
  ['with other parameters', plan({ ...count, parameters: { everyMs: 2000 } })],
  ['by another key', plan({ ...count, needs: ['host'] })],
  [
    'by another key',
    plan({ ...count, reads: { title: 'word', fields: { word: { type: 'int' } } } as never }),
  ],
])('state by key does not go over to a bolt that %s', (problem, to) => {
  const { problems } = comparePlans(plan(split, count), to);
  expect(problems).toEqual([expect.stringMatching(new RegExp(`"count" keeps .*${problem}`))]);
});

test('state goes over to the same bolt, with other tasks and other inputs', () => {
  const to = plan({
    ...count,
    tasks: 8,
    inputs: [{ node: 'split', stream: 'a', grouping: { how: 'by' } }],
  });
  expect(comparePlans(plan(split, count), to).problems).toEqual([]);
});
