import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Base } from '../../../topology/rows/base.js';
import { bytesOfSpan, decoded, textOf, undecoded } from '../../../topology/rows/span.js';

function baseOf(bytes: Buffer, ascii: boolean, known = true): Base {
  const base = new Base(bytes, new Int32Array(0), new Float64Array(0));
  base.ascii = ascii;
  base.asciiKnown = known;
  base.lineStart = Math.min(3, bytes.length);
  base.lineEnd = bytes.length;
  return base;
}

describe('decoded', () => {
  test('gives the text of a span, whether its row is ASCII or not and whether anybody has looked', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 50 }),
      fc.string({ unit: 'grapheme', maxLength: 50 }),
      fc.string({ minLength: 5000, maxLength: 5010 }),
    );
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), (line, a, b) => {
        const bytes = Buffer.from(line);
        const [start, end] = [a % (bytes.length + 1), b % (bytes.length + 1)].sort(
          (x, y) => x - y,
        ) as [number, number];
        const isAscii = bytes.every((byte) => byte < 128);
        const expected = bytes.toString('utf8', start, end);
        expect(decoded(baseOf(bytes, isAscii), start, end)).toBe(expected);
        // What lies before the line is not looked at, and must not be asked for.
        if (start >= 3) expect(decoded(baseOf(bytes, false, false), start, end)).toBe(expected);
      }),
    );
  });

  test('decodes the line once for all of its fields', () => {
    const base = baseOf(Buffer.from('GET /a 200 and so on'), true);
    base.lineStart = 0;
    expect(decoded(base, 4, 6)).toBe('/a');
    expect(base.line).toBe('GET /a 200 and so on');
    base.line = 'XXX XX YYY';
    expect(decoded(base, 7, 10)).toBe('YYY');
  });

  test('does not decode a long line for one field', () => {
    const base = baseOf(Buffer.alloc(5000, 'x'), true);
    expect(decoded(base, 10, 12)).toBe('xx');
    expect(base.line).toBeNull();
  });

  test('reads what lies beside the line, too, such as the name of its source', () => {
    const base = baseOf(Buffer.from('linesource'), true);
    base.lineStart = 0;
    base.lineEnd = 4;
    expect([decoded(base, 0, 4), decoded(base, 4, 10)]).toEqual(['line', 'source']);
  });
});

test('bytes of a span are a copy', () => {
  const bytes = Buffer.from('abcd');
  const base = baseOf(bytes, true);
  const copy = bytesOfSpan(base, 1, 3);
  bytes.fill(0);
  expect(Buffer.from(copy).toString()).toBe('bc');
});

test('an undecoded span is a text of these bytes', () => {
  expect(String(undecoded(baseOf(Buffer.from('ä€'), false), 2, 5))).toBe('€');
});

test('textOf makes a text of a string that outlives its row, and leaves texts and null as they are', () => {
  const text = textOf('ä')!;
  expect([String(text), text.length]).toEqual(['ä', 2]);
  expect(textOf(text)).toBe(text);
  expect(textOf(null)).toBeNull();
});
