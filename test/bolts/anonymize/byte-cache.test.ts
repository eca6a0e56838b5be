import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ByteCache } from '../../../bolts/anonymize/byte-cache.js';

const lengthOf = (cache: ByteCache<object>, text: string): object => {
  const bytes = Buffer.from(`<${text}>`);
  return cache.get(bytes, 1, bytes.length - 1, (made) => ({ made }));
};

describe('a byte cache', () => {
  test('gives each text its own value, and the same object while it is held', () => {
    const cache = new ByteCache<object>(1000);
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 20 })), (texts) => {
        for (const text of texts) {
          expect(lengthOf(cache, text)).toEqual({ made: text });
          expect(lengthOf(cache, text)).toBe(lengthOf(cache, text));
        }
      }),
    );
  });

  test('holds what is asked for again, and lets go of the rest', () => {
    const cache = new ByteCache<object>(10);
    const hot = lengthOf(cache, 'hot');
    const cold = lengthOf(cache, 'cold');
    for (let i = 0; i < 100; i++) {
      lengthOf(cache, `${i}`);
      expect(lengthOf(cache, 'hot')).toBe(hot);
    }
    expect(lengthOf(cache, 'cold')).not.toBe(cold);
  });

  test('tells texts apart whose hash is the same', () => {
    // So many texts that some share their 32 bits: about 20 pairs.
    const cache = new ByteCache<number>(400_000);
    const value = (i: number): number => {
      const bytes = Buffer.from(i.toString(36).padStart(7 + (i % 3), '-'));
      return cache.get(bytes, 0, bytes.length, () => i);
    };
    let wrong = 0;
    for (let i = 0; i < 400_000; i++) if (value(i) !== i) wrong++;
    expect(wrong).toBe(0);
  });

  test('makes the value of a very long text anew', () => {
    const cache = new ByteCache<object>(10);
    expect(lengthOf(cache, 'x'.repeat(1025))).not.toBe(lengthOf(cache, 'x'.repeat(1025)));
  });
});
