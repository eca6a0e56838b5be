import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { viewOf } from '../../../topology/rows/base.js';
import { copyBytes, writeText } from '../../../topology/rows/copy.js';

describe('copyBytes', () => {
  test('copies what Buffer.copy copies, for every length and place, and touches nothing beside it', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 0, maxLength: 600 }),
        fc.nat(9),
        fc.nat(9),
        fc.nat(9),
        (bytes, before, at, after) => {
          // Part of a larger memory, as slabs and frames are.
          const from = new Uint8Array(before + bytes.length + after).fill(0xaa);
          from.set(bytes, before);
          const to = Buffer.alloc(at + bytes.length + after + 4, 0x55);
          const inner = to.subarray(2, to.length - 2);
          const end = copyBytes(viewOf(inner), at, viewOf(from), before, before + bytes.length);
          expect(end).toBe(at + bytes.length);
          const expected = Buffer.alloc(to.length, 0x55);
          expected.set(bytes, 2 + at);
          expect(to.equals(expected)).toBe(true);
        },
      ),
    );
  });

  test('does so on both sides of the length from which native code takes over', () => {
    for (let length = 0; length < 270; length++) {
      const from = Uint8Array.from({ length: length + 2 }, (_, i) => i);
      const to = new Uint8Array(length + 2);
      copyBytes(viewOf(to), 1, viewOf(from), 1, 1 + length);
      expect(to.subarray(1, 1 + length)).toEqual(from.subarray(1, 1 + length));
      expect([to[0], to[length + 1]]).toEqual([0, 0]);
    }
  });
});

describe('writeText', () => {
  test('writes UTF-8, short or long, and touches nothing beside it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.string({ unit: fc.constantFrom('a', '~', '\u007f', 'é', '\u0080'), maxLength: 40 }),
        fc.nat(5),
        (graphemes, latin, at) => {
          const text = latin + graphemes;
          const bytes = Buffer.alloc(at + 3 * text.length + 3, 0x55);
          const end = writeText(bytes, at, text);
          expect(bytes.toString('utf8', at, end)).toBe(Buffer.from(text).toString());
          expect(end - at).toBe(Buffer.byteLength(text));
          expect(
            [...bytes.subarray(0, at), ...bytes.subarray(end + 3)].every((byte) => byte === 0x55),
          ).toBe(true);
        },
      ),
    );
  });
});
