import { describe, expect, test } from '@jest/globals';
import { emitter } from '../../../topology/rows/emitter.js';
import { bytes, float, int, list, text, type Field } from '../../../topology/rows/field.js';
import { extend, fieldsOf, placesOf, schema } from '../../../topology/rows/schema.js';

describe('schema', () => {
  test.each(['keep', 'toObject', 'toJSON', 'constructor', '__proto__'])(
    'refuses a field named %s, which rows have taken',
    (name) => {
      const fields = Object.fromEntries([[name, text()]]);
      expect(() => schema<object>('mine', fields as never)).toThrow(
        `The schema "mine" has a field "${name}"`,
      );
      expect(() => extend(schema('mine', {}), fields as never)).toThrow(
        `The schema "mine" has a field "${name}"`,
      );
    },
  );

  test('refuses a $host beside a host, and takes one alone', () => {
    expect(() => schema('mine', { host: text(), $host: text() })).toThrow('has a field "$host"');
    const rows: object[] = [];
    emitter('mine', schema('mine', { $schema: text() }), (row) =>
      rows.push((row as { toObject(): object }).toObject()),
    )({ $schema: 'x' });
    expect(rows).toEqual([{ $schema: 'x' }]);
  });

  test('takes any other name', () => {
    const names = [
      '$toString',
      'a b',
      'class',
      'é',
      '0',
      'hasOwnProperty',
      "'",
      '"]); throw 1; //',
      '\u2028',
      '#base',
    ];
    const Odd = schema<object>(
      'odd "names"',
      Object.fromEntries(names.map((name) => [name, int()])) as never,
    );
    const given = Object.fromEntries(names.map((name, i) => [name, i]));
    const rows: object[] = [];
    emitter('odd', Odd, (row) =>
      rows.push((row as { keep(): { toObject(): object } }).keep().toObject()),
    )(given);
    expect(rows).toEqual([given]);
  });
});

test('extend adds fields behind, replaces others where they are, and changes neither schema', () => {
  const base = schema('base', { a: text(), b: int() });
  const extended = extend(base, { b: float(), c: list(text()) });
  expect(fieldsOf(extended).map(([name, { type }]: [string, Field]) => `${name} ${type}`)).toEqual([
    'a text',
    'b float',
    'c list',
  ]);
  expect([extended.title, extend(base, {}, 'other').title]).toEqual(['base', 'other']);
  expect(Object.keys(base.fields)).toEqual(['a', 'b']);
});

test('placesOf tells apart what lies in bytes and what among numbers, in the order of fields', () => {
  const Mixed = schema('mixed', {
    n: int(),
    a: text(),
    x: float(),
    raw: bytes(),
    tags: list(int()),
  });
  expect(placesOf(Mixed)).toEqual({ spans: ['a', 'raw', 'tags'], numbers: ['n', 'x'] });
});
