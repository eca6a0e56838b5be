import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { safeName } from '../../../../bolts/sink/files/safe-name.js';

describe('a value in a path', () => {
  test('stays as it is when it is plain', () => {
    expect(['SE', 'en.wikipedia.org', '2014-03-01', 'a_b', '-'].map(safeName)).toEqual([
      'SE',
      'en.wikipedia.org',
      '2014-03-01',
      'a_b',
      '-',
    ]);
  });

  test('is _ when there is nothing', () => {
    expect(safeName('')).toBe('_');
  });

  test('never hides a file and never leaves the folder', () => {
    expect(['.', '..', '.in-progress', '../étc', 'a/b', '%2E'].map(safeName)).toEqual([
      '%2E',
      '%2E.',
      '%2Ein-progress',
      '%2E.%2F%C3%A9tc',
      'a%2Fb',
      '%252E',
    ]);
  });

  test('is always one plain name of at most 100 bytes, not cut within an escape', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary', minLength: 90, maxLength: 200 }),
    );
    fc.assert(
      fc.property(value, (text) =>
        expect(safeName(text)).toMatch(/^(?!\.)(?=.{1,100}$)([A-Za-z0-9._-]|%[0-9A-F]{2})+$/),
      ),
    );
  });

  test('tells values apart that are short enough', () => {
    const value = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 8 })
      .filter((text) => text !== '_');
    fc.assert(
      fc.property(value, (text) =>
        expect(decodeURIComponent(safeName(text))).toBe(Buffer.from(text).toString()),
      ),
    );
  });
});
