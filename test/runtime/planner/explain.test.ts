import { expect, test } from '@jest/globals';
import { explain } from '../../../runtime/planner/explain.js';
import { place } from '../../../runtime/planner/place.js';
import { planOf } from './support.js';

const plan = planOf({
  lines: {},
  parse: { from: { lines: 'shuffle' } },
  count: { tasks: 3, from: { parse: 'by' } },
  out: { role: 'sink', worker: 1, from: { count: 'global' } },
});

test('says where each task is and how each stream travels', () => {
  expect(explain(place(plan, 2))).toBe(`2 workers
tasks
  spout lines x2: one in each worker
  bolt parse x2: one in each worker
  bolt count x3: in worker 0, 1, 0
  sink out x1: in worker 1
streams
  lines -> parse (shuffle): fused, rows stay in their worker
  parse.messages -> count (by key): cut, rows travel between workers
  count.messages -> out (global): cut, rows travel between workers`);
});

test('speaks of one worker as one', () => {
  expect(explain(place(plan, 1)).split('\n')[0]).toBe('1 worker');
});
