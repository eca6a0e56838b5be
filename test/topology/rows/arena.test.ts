import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { arena } from '../../../topology/rows/arena.js';
import { reveal } from '../../../topology/rows/reveal.js';
import type { Text } from '../../../topology/rows/text.js';

beforeEach(() => arena.reset());

function taken(text: string, reserve = Buffer.byteLength(text)): Text {
  const start = arena.reserve(reserve);
  return arena.take(start, start + arena.bytes.write(text, start));
}

describe('the arena', () => {
  test('keeps every text of a message as it was written, however many and long they are', () => {
    const texts = fc.array(
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.nat(40_000).map((length) => 'x'.repeat(length)),
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(texts, (given) => {
        arena.reset();
        const all = given.map((text, i) => taken(text, Buffer.byteLength(text) + (i % 3)));
        expect(all.map(String)).toEqual(given);
      }),
      { numRuns: 30 },
    );
  });

  test('has room for a text that is longer than it is, and for four-byte writes over the end of any', () => {
    const long = 'y'.repeat(200_000);
    expect(String(taken(long))).toBe(long);
    for (const size of [0, 1, 60_000, 65_530, 65_534, 65_535, 65_536]) {
      const start = arena.reserve(size);
      expect(arena.bytes.length - start).toBeGreaterThanOrEqual(size + 3);
      expect(arena.view.byteLength).toBe(arena.bytes.length);
      arena.take(start, start + size);
    }
  });

  test('gives up what was reserved and not taken', () => {
    const first = arena.reserve(1000);
    expect(arena.reserve(10)).toBe(first);
  });

  test('has every text dead after a reset, and its memory used again', () => {
    const text = taken('before');
    const start = arena.reserve(6);
    const sealed = arena.seal('ip', start, start + arena.bytes.write('sealed', start));
    expect([String(text), reveal(sealed)]).toEqual(['before', 'sealed']);
    arena.reset();
    expect(() => String(text)).toThrow(/used after process\(\) had returned/);
    expect(() => reveal(sealed)).toThrow(/used after process\(\) had returned/);
    expect(String(taken('after'))).toBe('after');
  });
});
