import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  cutColumns,
  find,
  findQuote,
  HAS_NUL,
  hasNul,
  isAsciiAt,
  TOO_MANY,
} from '../../../bolts/parse/scan.js';
import { viewOf } from '../../../topology/rows/base.js';

const MAX = 8;

/** Any bytes, low ones by far more often than they are in lines; odd places of their own. */
const lines = fc.uint8Array({ maxLength: 80 }).chain((bytes) =>
  fc
    .array(fc.tuple(fc.nat(79), fc.constantFrom(9, 9, 9, 10, 11, 13, 8, 32, 128, 255, 0)), {
      maxLength: 12,
    })
    .map((low) => {
      const line = bytes.map((byte) => (byte < 12 ? 65 : byte));
      for (const [at, byte] of low) if (at < line.length) line[at] = byte;
      return line;
    }),
);
const paddings = fc.nat(5);

/** A line with tabs and NULs around it. */
function padded(line: Uint8Array, padding: number): [Buffer, number, number] {
  return [
    Buffer.concat([Buffer.alloc(padding, 9), line, Buffer.alloc(20)]),
    padding,
    padding + line.length,
  ];
}

describe('cutColumns', () => {
  test('cuts where split does', () => {
    fc.assert(
      fc.property(lines, paddings, fc.constantFrom(9, 32), (line, padding, separator) => {
        const [bytes, start, end] = padded(line, padding);
        const cuts = new Int32Array(MAX + 1);
        const count = cutColumns(bytes, viewOf(bytes), start, end, separator, MAX, cuts);
        const columns = Buffer.from(line).toString('latin1').split(String.fromCharCode(separator));
        if (count === HAS_NUL) return expect(line).toContain(0);
        if (count === TOO_MANY) return expect(columns.length).toBeGreaterThan(MAX);
        expect(line).not.toContain(0);
        const texts = columns.map((_, i) => bytes.toString('latin1', cuts[i], cuts[i + 1]! - 1));
        return expect([count, texts]).toEqual([columns.length, columns]);
      }),
      { numRuns: 1000 },
    );
  });

  test('leaves the columns that a line lacks empty', () => {
    const cuts = new Int32Array(4);
    const bytes = Buffer.from('a\tb');
    cutColumns(bytes, viewOf(bytes), 0, 3, 9, 3, cuts);
    expect(cuts[3]! - 1 - cuts[2]!).toBeLessThan(1);
  });
});

test('hasNul and isAsciiAt see what is in the line and nothing beside it', () => {
  fc.assert(
    fc.property(lines, paddings, (line, padding) => {
      const [bytes, start, end] = padded(line, padding);
      expect(hasNul(viewOf(bytes), start, end)).toBe(line.includes(0));
      expect(isAsciiAt(viewOf(bytes), start, end)).toBe(line.every((byte) => byte < 128));
    }),
  );
});

test('find finds the first, within bounds', () => {
  const bytes = Buffer.from('a" b" "c" "');
  expect(find(bytes, 0, bytes.length, Buffer.from('" "'))).toBe(4);
  expect(find(bytes, 5, bytes.length - 1, Buffer.from('" "'))).toBe(-1);
});

test('findQuote passes by quotes behind a backslash, but not behind two', () => {
  const at = (text: string): number =>
    findQuote(Buffer.from(text), 0, text.length, Buffer.from('"'));
  expect([at('a\\"b"'), at('a\\\\"b"'), at('a\\"'), at('a\\')]).toEqual([4, 3, -1, -1]);
});
