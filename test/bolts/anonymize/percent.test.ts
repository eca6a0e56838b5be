import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { percentDecode, percentEncode } from '../../../bolts/anonymize/percent.js';
import { conformance } from '../../support/conformance.js';

function decoded(text: string): string {
  const bytes = Buffer.from(text);
  const to = Buffer.alloc(bytes.length);
  return to.toString('utf8', 0, percentDecode(bytes, 0, bytes.length, to));
}

describe('percent-encoding', () => {
  test('is undone as decodeURIComponent undoes it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decoded(encodeURIComponent(text))).toBe(text);
      }),
    );
  });

  test('tells where each decoded byte came from', () => {
    const bytes = Buffer.from('a%41%2541');
    const places = Int32Array.from({ length: bytes.length + 1 }, (_, i) => i);
    const once = percentDecode(bytes, 0, bytes.length, bytes, places);
    expect([bytes.toString('latin1', 0, once), [...places.slice(0, once + 1)]]).toEqual([
      'aA%41',
      [0, 1, 4, 7, 8, 9],
    ]);
    const twice = percentDecode(bytes, 0, once, bytes, places);
    expect([bytes.toString('latin1', 0, twice), [...places.slice(0, twice + 1)]]).toEqual([
      'aAA',
      [0, 1, 4, 9],
    ]);
  });
});

const cases = conformance('wikimedia/url_decoding')?.cases;
(cases ? test : test.skip)('percent-encoding is that of refinery, for every published case', () => {
  const functions: { [name: string]: (text: string) => string } = {
    percentDecode: decoded,
    percentEncode,
  };
  for (const { input, expected } of cases!) {
    const result = input.text === null ? null : functions[input.fn](input.text);
    expect([input, result]).toEqual([input, expected]);
  }
});
