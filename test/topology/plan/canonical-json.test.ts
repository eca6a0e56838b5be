import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '../../../topology/plan/canonical-json.js';
import { conformance } from '../../support/conformance.js';

interface Vector {
  readonly name: string;
  readonly input_text: string;
  readonly output_utf8_hex: string;
  readonly sha256_of_output: string;
}

const vectors = conformance('privacy/jcs-rfc8785') as { vectors: Vector[] } | undefined;

(vectors === undefined ? test.skip : test)('writes the published vectors of RFC 8785', () => {
  expect(vectors!.vectors.length).toBeGreaterThan(0);
  for (const vector of vectors!.vectors) {
    const text = Buffer.from(canonicalJson(JSON.parse(vector.input_text)));
    expect({ [vector.name]: text.toString('hex') }).toEqual({
      [vector.name]: vector.output_utf8_hex,
    });
    expect(createHash('sha256').update(text).digest('hex')).toBe(vector.sha256_of_output);
  }
});

test('is read back as the same value, and does not know the order of members', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(turned(value))).toBe(text);
    }),
  );
});

test('leaves out what is undefined and asks toJSON', () => {
  expect(canonicalJson({ b: undefined, a: new Date(0) })).toBe('{"a":"1970-01-01T00:00:00.000Z"}');
});

const round: { self?: unknown } = {};
round.self = round;

test.each([
  ['NaN', Number.NaN],
  ['an infinity', [-Infinity]],
  ['half a character', { a: '\ud800' }],
  ['half a character in a name', { '\udc00': 1 }],
  ['a function', { a: () => 1 }],
  ['a bigint', 1n],
  ['undefined in a list', [undefined]],
  ['a map', new Map()],
  ['itself', round],
])('refuses %s', (_what, value) => {
  expect(() => canonicalJson(value)).toThrow(TypeError);
});

/** The same value with the members of every object in the other order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, turned(member)]),
  );
}
