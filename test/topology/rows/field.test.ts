import { expect, test } from '@jest/globals';
import { bytes, list, pii } from '../../../topology/rows/field.js';

test('a list of what cannot travel as JSON is refused, with what to write instead', () => {
  expect(() => list(bytes())).toThrow('make it a list of text');
  expect(() => list(pii('ip'))).toThrow("seal the list: pii('ip', list(…))");
});
