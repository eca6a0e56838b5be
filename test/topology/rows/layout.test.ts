import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { Base } from '../../../topology/rows/base.js';
import { emitter } from '../../../topology/rows/emitter.js';
import { flag, int, nullable, pii, text } from '../../../topology/rows/field.js';
import { baseLayout, derivedLayout, layoutOf } from '../../../topology/rows/layout.js';
import { schema } from '../../../topology/rows/schema.js';

const Hit = schema('hit', { host: text(), n: nullable(int()), seen: flag(), ip: pii('ip') });

const baseOf = (line: string, spans: number[], numbers: number[]): Base =>
  new Base(Buffer.from(line), Int32Array.from(spans), Float64Array.from(numbers));

describe('a layout', () => {
  test('is one per schema and slots, so that code over rows is generated once', () => {
    expect(baseLayout(Hit)).toBe(baseLayout(Hit));
    expect(baseLayout(Hit, new Set(['n', 'host']))).toBe(baseLayout(Hit, new Set(['host', 'n'])));
    expect(baseLayout(Hit, new Set(['n']))).not.toBe(baseLayout(Hit));
    expect(baseLayout(schema('hit', Hit.fields))).not.toBe(baseLayout(Hit));
  });

  test('of kept rows is the same for all rows of a schema', () => {
    const kept: object[] = [];
    const emit = emitter('hit', Hit, (row) => kept.push((row as { keep(): object }).keep()));
    const next = emitter('next', Hit, (row) => kept.push((row as { keep(): object }).keep()));
    const base = baseOf('a.example', [0, 9, -1, -1], [1, 0]);
    const row = new (baseLayout(Hit).Row)(base, base.generation) as { keep(): { keep(): object } };
    kept.push(row.keep(), row.keep().keep());
    next.from(row, { host: 'b' });
    expect(kept.map(layoutOf)).toEqual(Array(3).fill(baseLayout(Hit)));
    expect(emit).toBeDefined();
  });

  test('derived from another has the fields of its schema alone, where they were', () => {
    const Narrow = schema('narrow', { n: nullable(int()), host: text() });
    const narrow = derivedLayout(baseLayout(Hit), Narrow, new Set());
    const base = baseOf('a.example', [0, 9, 0, 9], [NaN, 1]);
    const row = new narrow.Row(base, base.generation) as { toObject(): object };
    expect(row.toObject()).toEqual({ n: null, host: 'a.example' });
    expect('ip' in row).toBe(false);
  });
});

describe('a row', () => {
  test('reads where its base says that it is, and null where there is nothing', () => {
    const base = baseOf('xx a.example', [1, 10, -1, -1], [NaN, 1]);
    base.origin = 2;
    const row = new (baseLayout(Hit).Row)(base, base.generation) as Record<string, unknown>;
    expect([row['host'], String(row['$host']), row['n'], row['seen'], row['ip']]).toEqual([
      'a.example',
      'a.example',
      null,
      true,
      null,
    ]);
  });

  test('is named after its schema, and shows its fields when it is printed', () => {
    const base = baseOf('a', [0, 1, 0, 1], [7, 0]);
    const row = new (baseLayout(Hit).Row)(base, base.generation);
    expect(row.constructor.name).toBe('hit');
    expect(inspect(row)).toBe("{ host: 'a', n: 7, seen: false, ip: [pii:ip] }");
    expect(JSON.stringify(row)).toBe('{"host":"a","n":7,"seen":false,"ip":"[pii:ip]"}');
  });

  test('cannot be written to', () => {
    const base = baseOf('a', [0, 1, 0, 1], [7, 0]);
    const row = new (baseLayout(Hit).Row)(base, base.generation) as { n: number };
    expect(() => (row.n = 8)).toThrow(TypeError);
    expect(row.n).toBe(7);
  });
});
