import { isUtf8 } from 'node:buffer';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { arena } from '../../../topology/rows/arena.js';
import { percentDecoded } from '../../../topology/rows/percent-decoded.js';
import { textOf } from '../../../topology/rows/span.js';

const decoded = (text: string): string => {
  arena.reset();
  return percentDecoded(textOf(text)!).toString();
};

/** Byte by byte, by the book. */
function byTheBook(text: string): string {
  const bytes = Buffer.from(text);
  const out: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const digits = bytes.toString('latin1', i + 1, i + 3);
    const isEscape = bytes[i] === 0x25 && /^[0-9a-f]{2}$/i.test(digits);
    out.push(isEscape ? parseInt(digits, 16) : bytes[i]!);
    if (isEscape) i += 2;
  }
  const plain = Buffer.from(out);
  return isUtf8(plain) ? plain.toString() : text;
}

describe('percentDecoded', () => {
  test('resolves escapes wherever they stand, and leaves what is none', () => {
    expect(decoded('Mozilla/5.0%20(X11;%20Linux)')).toBe('Mozilla/5.0 (X11; Linux)');
    expect(decoded('%41%42%43')).toBe('ABC');
    expect(decoded('100%')).toBe('100%');
    expect(decoded('%4')).toBe('%4');
    expect(decoded('%%41%zz%')).toBe('%A%zz%');
    expect(decoded('%25 41')).toBe('% 41');
    expect(decoded('')).toBe('');
  });

  test('decodes one layer only', () => {
    expect(decoded('%2541')).toBe('%41');
  });

  test('leaves a text as it is whose bytes would not be UTF-8', () => {
    expect(decoded('%C3%A4')).toBe('ä');
    expect(decoded('a%20b%C3')).toBe('a%20b%C3');
    expect(decoded('ä%20%ff')).toBe('ä%20%ff');
  });

  test('does what decoding byte by byte does', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '%',
        '%4',
        '%20',
        '%C3%A4',
        '%e2%82%ac',
        '%ff',
        '%00',
        '%zz',
        '%25',
        'ä',
        '€',
        '😀',
      ),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        expect(decoded(text)).toBe(byTheBook(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('gives a text that the next one does not overwrite', () => {
    arena.reset();
    const first = percentDecoded(textOf('a%20b')!);
    percentDecoded(textOf('xyzxyzxyz')!);
    expect(first.toString()).toBe('a b');
  });
});
