import { describe, expect, test } from '@jest/globals';
import { perLayout } from '../../../topology/rows/access.js';
import { emitter } from '../../../topology/rows/emitter.js';
import { int, text } from '../../../topology/rows/field.js';
import { schema } from '../../../topology/rows/schema.js';

const A = schema('a', { n: int() });
const B = schema('b', { host: text(), n: int() });

describe('perLayout', () => {
  test('compiles once per layout, however often the layouts change', () => {
    const compiled: string[] = [];
    const titleOf = perLayout((layout) => {
      compiled.push(layout.schema.title);
      return layout.schema.title;
    });
    const seen: string[] = [];
    const emitA = emitter('a', A, (row) => seen.push(titleOf(row)));
    const emitB = emitter('b', B, (row) => seen.push(titleOf(row)));
    for (let i = 0; i < 3; i++) {
      emitA({ n: i });
      emitB({ host: 'x', n: i });
      emitB({ host: 'y', n: i });
    }
    expect(seen).toEqual(Array(3).fill(['a', 'b', 'b']).flat());
    expect(compiled).toEqual(['a', 'b']);
  });

  test('refuses a plain object, also the first and also after a row', () => {
    const find = perLayout(() => 'found');
    expect(() => find({ n: 1 })).toThrow('A row was expected; a plain object was given.');
    emitter('a', A, (row) => expect(find(row)).toBe('found'))({ n: 1 });
    expect(() => find({ n: 1 })).toThrow('A row was expected; a plain object was given.');
  });
});
