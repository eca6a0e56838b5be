import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFloat, readInt } from '../../../bolts/parse/numbers.js';

const int = (text: string): number => readInt(Buffer.from(`x${text}9`), 1, 1 + text.length);
const float = (text: string): number => readFloat(Buffer.from(`x${text}9`), 1, 1 + text.length);

describe('readInt', () => {
  test('reads every safe integer', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => expect(int(String(value))).toBe(value + 0)),
    );
  });

  test.each([
    '',
    '-',
    '+1',
    '1.0',
    '1e3',
    ' 1',
    '1 ',
    '0x1',
    '9007199254740992',
    '12345678901234567',
    '--1',
  ])('refuses %j', (text) => expect(int(text)).toBeNaN());
});

describe('readFloat', () => {
  test('rounds as Number does', () => {
    const decimals = fc
      .tuple(fc.nat(1e9), fc.integer({ min: 0, max: 1e9 }))
      .map(([a, b]) => `${a}.${b}`);
    const texts = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      decimals,
    );
    fc.assert(fc.property(texts, (text) => expect(float(text)).toBe(Number(text))));
  });

  test.each(['', '-', '.', '1.2.3', '1e999', 'NaN', 'Infinity', '0x10', '1_000', ' 1', '1,5'])(
    'refuses %j',
    (text) => expect(float(text)).toBeNaN(),
  );
});
