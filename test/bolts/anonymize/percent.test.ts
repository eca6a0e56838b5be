import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeFully, decodeLayer } from '../../../bolts/anonymize/decode.js';
import { percentEncode } from '../../../bolts/anonymize/percent.js';
import { conformance } from '../../support/conformance.js';

type Decode = typeof decodeLayer;

/** The text and where its bytes came from. */
function shown(text: string, decode: Decode): { text: string; places: number[] } {
  const bytes = Buffer.from(text);
  const places = Int32Array.from({ length: bytes.length + 1 }, (_, i) => i);
  const length = decode(bytes, bytes.length, places);
  return { text: bytes.toString('utf8', 0, length), places: [...places.slice(0, length + 1)] };
}

const decoded = (text: string): string => shown(text, decodeLayer).text;

describe('percent-encoding', () => {
  test('is undone as decodeURIComponent undoes it, with full-width characters in plain', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const plain = text.replaceAll(/[！-～]/g, (one) => one.normalize('NFKC'));
        expect(decoded(decoded(encodeURIComponent(text)))).toBe(decoded(plain));
      }),
    );
    const all = String.fromCharCode(...Array.from({ length: 94 }, (_, i) => 0xff01 + i));
    expect(decoded(`\uff00${all}\uff5f`)).toBe(`\uff00${all.normalize('NFKC')}\uff5f`);
  });

  test('tells where each decoded byte came from', () => {
    expect(shown('a%41%2541', decodeLayer)).toEqual({
      text: 'aA%41',
      places: [0, 1, 4, 7, 8, 9],
    });
    expect(shown('a%41%252541％41', decodeFully)).toEqual({
      text: 'aAAA',
      places: [0, 1, 4, 11, 16],
    });
  });

  test('is undone in one go as layer by layer until nothing changes', () => {
    const text = fc.stringMatching(/^[%2541eEfFbBcCdD]*$/);
    fc.assert(
      fc.property(text, (text) => {
        let last = shown(text, decodeLayer);
        for (let before = ''; before !== last.text;) {
          before = last.text;
          last = shown(before, decodeLayer);
        }
        expect(shown(text, decodeFully).text).toBe(last.text);
      }),
    );
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
