import { expect, test } from '@jest/globals';
import { nearest, suggestion } from '../../../topology/plan/nearest.js';

const NAMES = ['country', 'host', 'ip', 'userAgent', 'id'];

test.each([
  ['contry', 'country'],
  ['countrry', 'country'],
  ['cuontry', 'country'],
  ['useragnet', 'userAgent'],
  ['hots', 'host'],
  ['pi', 'ip'],
  ['host', 'host'],
])('finds the name that "%s" was meant to be', (typed, meant) => {
  expect(nearest(typed, NAMES)).toBe(meant);
});

test.each([['referer'], ['xy'], ['cntr']])('does not guess at "%s"', (typed) => {
  expect(nearest(typed, NAMES)).toBeUndefined();
});

test('takes the nearer of two', () => {
  expect(nearest('tasks', ['tusk', 'task', 'masks'])).toBe('task');
  expect(nearest('host', ['hosts', 'host'])).toBe('host');
});

test('lists what there is when nothing is near', () => {
  expect(suggestion('contry', NAMES)).toBe(' Did you mean "country"?');
  expect(suggestion('x9', ['a', 'b'])).toBe(' Known: a, b.');
  expect(suggestion('x9', [])).toBe('');
});
