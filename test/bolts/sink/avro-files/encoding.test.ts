import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LONG_BYTES_MAX, putLong } from '../../../../bolts/sink/avro-files/encoding.js';

/** Avro's definition, in integers that have no bounds. */
function reference(value: bigint): number[] {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes: number[] = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

function encoded(value: number): number[] {
  const bytes = Buffer.alloc(LONG_BYTES_MAX);
  return [...bytes.subarray(0, putLong(bytes, 0, value))];
}

describe('a long', () => {
  test('is written as Avro defines it, for every whole number within 2^53', () => {
    const powers = Array.from({ length: 54 }, (_, bits) => 2 ** bits);
    const edges = powers.flatMap((power) => [power - 1, power, Math.min(power + 1, 2 ** 53)]);
    for (const edge of edges) {
      expect(encoded(edge)).toEqual(reference(BigInt(edge)));
      expect(encoded(-edge)).toEqual(reference(-BigInt(edge)));
    }
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) =>
        expect(encoded(value)).toEqual(reference(BigInt(value))),
      ),
    );
  });

  test('of minus zero is zero', () => {
    expect(encoded(-0)).toEqual([0]);
  });
});
