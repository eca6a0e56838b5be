import { describe, expect, test } from '@jest/globals';
import {
  leadsToLimit,
  remedy,
  tasksByWorker,
  whyItLimits,
} from '../../../dashboard/figures/limit.js';
import { canonicalize } from '../../support/dashboard/canonicalize.js';

const { components, edges, limit } = canonicalize(600);
const anonymize = components.find(({ name }) => name === 'anonymize')!;

test('a busy bolt is told by its capacity, and that tasks may help', () => {
  expect(whyItLimits({ ...anonymize, capacity: 0.97 }, 'busy')).toContain('97 %');
  expect(remedy(anonymize, 'busy')).toBe('More tasks may help: it has 1.');
});

test('a blocked one is told by what it holds', () => {
  expect(whyItLimits({ ...anonymize, open: 12_300 }, 'blocked')).toContain('12.3 k rows');
});

describe('the edge that leads to what limits', () => {
  test('is marked, and no other', () => {
    const marked = edges.filter((edge) => leadsToLimit(edge, limit));
    expect(marked.map(({ from, to }) => [from, to])).toEqual([['geotag', 'anonymize']]);
  });

  test('is none when nothing limits', () => {
    expect(edges.some((edge) => leadsToLimit(edge, null))).toBe(false);
  });
});

test('tasks are told by worker, in order', () => {
  expect([...tasksByWorker({ ...anonymize, taskWorkers: [1, 0, 1] })]).toEqual([
    [0, [1]],
    [1, [0, 2]],
  ]);
});
