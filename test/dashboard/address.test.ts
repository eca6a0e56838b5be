import { expect, test } from '@jest/globals';
import { fragmentOf, placeIn, tokenIn } from '../../dashboard/address.js';

test.each([
  [{ topology: null, component: null }, '#/'],
  [{ topology: 'web', component: null }, '#/web'],
  [{ topology: 'web', component: 'per/country %' }, '#/web/per%2Fcountry%20%25'],
])('%p is told by %s', (place, fragment) => {
  expect(fragmentOf(place)).toBe(fragment);
  expect(placeIn(fragment)).toEqual(place);
});

test.each(['', '#', '#/', '#token=abc', '#web'])('%p is the list', (fragment) => {
  expect(placeIn(fragment)).toEqual({ topology: null, component: null });
});

test('an address that is not encoded well still leads somewhere', () => {
  expect(placeIn('#/a%')).toEqual({ topology: 'a%', component: null });
});

test('a token is handed over by a fragment of its own, and only by one that looks like it', () => {
  expect(tokenIn('#token=aB-_9')).toBe('aB-_9');
  expect(tokenIn('#token=a b')).toBeUndefined();
  expect(tokenIn('#/token=a')).toBeUndefined();
});
