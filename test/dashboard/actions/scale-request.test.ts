import { expect, test } from '@jest/globals';
import { requestOf, WORKERS } from '../../../dashboard/actions/scale-request.js';
import { canonicalize } from '../../support/dashboard/canonicalize.js';

const topology = canonicalize(600);

test('only what differs from now is asked for', () => {
  const wanted = { anonymize: 3, parse: 2, [WORKERS]: 2 };
  expect(requestOf(wanted, topology)).toEqual({ tasks: { anonymize: 3 } });
});

test('workers are asked for beside tasks, or alone', () => {
  expect(requestOf({ [WORKERS]: 4 }, topology)).toEqual({ tasks: {}, workers: 4 });
});

test.each([
  ['nothing is written', {}],
  ['all is as it is now', { anonymize: 1, [WORKERS]: 2 }],
  ['a number is none', { anonymize: Number.NaN, parse: 3 }],
  ['a number is too small', { anonymize: 0 }],
])('nothing is asked for when %s', (_, wanted) => {
  expect(requestOf(wanted, topology)).toBeNull();
});
