import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rowCheck } from '../../../bolts/validate/check-row.js';
import { perLayout } from '../../../topology/rows/access.js';
import { emitter } from '../../../topology/rows/emitter.js';
import {
  bytes,
  float,
  int,
  list,
  nullable,
  pii,
  text,
  time,
  type Field,
} from '../../../topology/rows/field.js';
import { Pii, seal } from '../../../topology/rows/pii.js';
import { reveal, revealValue } from '../../../topology/rows/reveal.js';
import type { Row } from '../../../topology/rows/row.js';
import { fieldsOf, schema, type Schema } from '../../../topology/rows/schema.js';

const Request = schema('request', {
  host: text({ minLength: 3, maxLength: 5 }),
  method: text({ oneOf: ['GET', 'POST', 'ÄÖ'] }),
  status: int({ min: 100, max: 599 }),
  latency: nullable(float({ max: 1.5 })),
  dt: time({ min: 0 }),
  ip: pii('ip', text({ minLength: 2 })),
  user: pii('user_id', nullable(int({ min: 1 }))),
  raw: nullable(bytes({ maxLength: 4 })),
  tags: { ...list(text()), minLength: 1, maxLength: 2 } as Field<readonly string[]>,
  country: nullable(text({ minLength: 2, maxLength: 2 })),
  free: text(),
});

const checkFor = perLayout(rowCheck(Request));

/** The reason against a row with every field in a slot, with every field in its base, and with some in slots. */
function reasons(values: Record<string, unknown>): (string | null)[] {
  const found: (string | null)[] = [];
  const check = (row: object): void => void found.push(checkFor(row)(row));
  emitter('slots', Request, check)(values);
  emitter('keep', Request, (row) => {
    const kept = (row as Row<object>).keep();
    check(kept);
    const { country, ip } = values;
    emitter('mixed', Request, check).from(kept, { country, ip });
  })(values);
  return found;
}

const good = {
  host: 'abc',
  method: 'GET',
  status: 200,
  latency: null,
  dt: 0,
  ip: seal('ip', '::'),
  user: seal('user_id', 1),
  raw: Buffer.from('1234'),
  tags: ['a'],
  country: 'DE',
  free: '',
};

/** By the letter of the schema, on decoded values. */
function expectedReason(reads: Schema, values: Record<string, unknown>): string | null {
  for (const [name, field] of fieldsOf(reads)) {
    let value = values[name];
    if (value instanceof Pii) value = revealValue(value) ?? reveal(value);
    if (value === null) continue;
    if (typeof value === 'number') {
      if (field.min !== undefined && value < field.min) return `${name}: below ${field.min}`;
      if (field.max !== undefined && value > field.max) return `${name}: above ${field.max}`;
      continue;
    }
    const isText = typeof value === 'string';
    const length = isText
      ? [...(value as string)].length
      : (value as Uint8Array | unknown[]).length;
    const unit = isText ? 'characters' : value instanceof Uint8Array ? 'bytes' : 'entries';
    if (field.oneOf !== undefined && !field.oneOf.includes(value as string))
      return `${name}: not one of the allowed values`;
    if (field.minLength !== undefined && length < field.minLength)
      return `${name}: shorter than ${field.minLength} ${unit}`;
    if (field.maxLength !== undefined && length > field.maxLength)
      return `${name}: longer than ${field.maxLength} ${unit}`;
  }
  return null;
}

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '€', '𝒳'), maxLength: 7 });

describe('a row', () => {
  test('within the limits of its schema passes, in whatever form it is', () => {
    expect(reasons(good)).toEqual([null, null, null]);
  });

  test.each([
    [{ status: 99 }, 'status: below 100'],
    [{ status: 600 }, 'status: above 599'],
    [{ latency: 1.6 }, 'latency: above 1.5'],
    [{ dt: -1 }, 'dt: below 0'],
    [{ host: 'ab' }, 'host: shorter than 3 characters'],
    [{ host: 'abcdef' }, 'host: longer than 5 characters'],
    [{ method: 'get' }, 'method: not one of the allowed values'],
    [{ method: '' }, 'method: not one of the allowed values'],
    [{ ip: seal('ip', '1') }, 'ip: shorter than 2 characters'],
    [{ user: seal('user_id', 0) }, 'user: below 1'],
    [{ raw: Buffer.from('12345') }, 'raw: longer than 4 bytes'],
    [{ tags: [] }, 'tags: shorter than 1 entries'],
    [{ tags: ['a', 'b', 'c'] }, 'tags: longer than 2 entries'],
    [{ country: 'DEU' }, 'country: longer than 2 characters'],
  ])('with %j does not: %s', (broken, reason) => {
    expect(reasons({ ...good, ...broken })).toEqual([reason, reason, reason]);
  });

  test('is told by characters, not by bytes or UTF-16 units', () => {
    expect(reasons({ ...good, host: '𝒳𝒳𝒳𝒳𝒳', country: '𝒳𝒳', method: 'ÄÖ' })).toEqual([
      null,
      null,
      null,
    ]);
    expect(reasons({ ...good, host: 'ää' })[0]).toBe('host: shorter than 3 characters');
    expect(reasons({ ...good, host: '𝒳𝒳' })[0]).toBe('host: shorter than 3 characters');
  });

  test('passes with nulls where the schema allows them', () => {
    expect(reasons({ ...good, latency: null, user: null, raw: null, country: null })).toEqual([
      null,
      null,
      null,
    ]);
  });

  test('gets the reason that its decoded values deserve, for any values', () => {
    const values = fc.record({
      host: word,
      method: fc.constantFrom('GET', 'POST', 'ÄÖ', 'PUT', 'GETT', ''),
      status: fc.integer({ min: 95, max: 605 }),
      latency: fc.option(fc.constantFrom(-1, 0, 1.5, 1.51)),
      dt: fc.integer({ min: -1, max: 5 }),
      ip: word.map((ip) => seal('ip', ip)),
      user: fc.option(fc.nat(3).map((id) => seal('user_id', id))),
      raw: fc.option(fc.uint8Array({ maxLength: 6 })),
      tags: fc.array(word, { maxLength: 3 }),
      country: fc.option(word),
      free: word,
    });
    fc.assert(
      fc.property(values, (row) => {
        const expected = expectedReason(Request, row);
        expect(reasons(row)).toEqual([expected, expected, expected]);
      }),
      { numRuns: 500 },
    );
  });
});
