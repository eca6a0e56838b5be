import { expect, test } from '@jest/globals';
import { reject, Rejected } from '../../../topology/dsl/reject.js';

function rejected(reason: string): Rejected {
  try {
    return reject(reason);
  } catch (error) {
    return error as Rejected;
  }
}

test('throws the reason', () => {
  expect(rejected('no host')).toBeInstanceOf(Rejected);
  expect(rejected('no host').message).toBe('no host');
});

test('takes no stack, and leaves other errors theirs', () => {
  expect(rejected('no host').stack).not.toContain('\n    at ');
  expect(new Error('other').stack).toContain('\n    at ');
});
