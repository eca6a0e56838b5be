import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { partitionBy } from '../../../../bolts/sink/files/partition.js';
import { int, nullable, text, time } from '../../../../topology/rows/field.js';
import { schema } from '../../../../topology/rows/schema.js';
import { FORMS, withRow, type Form } from '../support.js';

const Event = schema('event', {
  dt: nullable(time()),
  country_code: nullable(text()),
  wiki: text(),
  n: int(),
});

/** The folders of rows, one after the other. */
function foldersOf(
  template: string,
  rows: { dt?: number | null; country_code?: string | null; wiki?: string }[],
  form: Form = 'slots',
): string[] {
  const partitionOf = partitionBy(template, Event);
  return rows.map((values) => {
    let folder = '';
    withRow(
      Event,
      { dt: 0, country_code: 'SE', wiki: 'enwiki', n: 1, ...values },
      form,
      (row) => (folder = partitionOf(row)),
    );
    return folder;
  });
}

const at = (iso: string): { dt: number } => ({ dt: Date.parse(iso) });

describe('a partition', () => {
  test.each(FORMS)('is made of texts and times in UTC (%s)', (form) => {
    const rows = [
      at('2014-03-01T12:34:56.789Z'),
      { ...at('2014-12-31T23:59:59.999Z'), country_code: 'DE' },
      { country_code: 'DE' },
    ];
    expect(foldersOf('{country_code}/{dt:yyyy/MM/dd/HH}', rows, form)).toEqual([
      'SE/2014/03/01/12',
      'DE/2014/12/31/23',
      'DE/1970/01/01/00',
    ]);
  });

  test('may have text around its fields, and the same field twice', () => {
    expect(
      foldersOf('wiki={wiki}/day={dt:yyyy-MM-dd}/{dt:HH.mm}', [at('2014-03-01T12:34:56Z')]),
    ).toEqual(['wiki=enwiki/day=2014-03-01/12.34']);
  });

  test('may be the same for all rows', () => {
    expect(foldersOf('raw/v1', [{}, { dt: 5 }])).toEqual(['raw/v1', 'raw/v1']);
  });

  test.each(FORMS)('of null is _ (%s)', (form) => {
    expect(
      foldersOf(
        '{country_code}-{dt:yyyy}',
        [{}, { dt: null, country_code: null }, { dt: 0 }],
        form,
      ),
    ).toEqual(['SE-1970', '_-_', 'SE-1970']);
  });

  test('of a time that no calendar has is _', () => {
    expect(
      foldersOf('{dt:yyyy}', [{ dt: 8.64e15 }, { dt: 8.64e15 + 1 }, { dt: -8.64e15 - 1 }]),
    ).toEqual(['275760', '_', '_']);
  });

  test('is made of safe names only', () => {
    expect(
      foldersOf('{wiki}', [{ wiki: '../../etc' }, { wiki: '' }, { wiki: 'x'.repeat(500) }]),
    ).toEqual(['%2E.%2F..%2Fetc', '_', 'x'.repeat(100)]);
  });

  test('of a time is that of its ISO form, in whatever order times come', () => {
    const times = fc.array(
      fc
        .integer({ min: -1e12, max: 5e12 })
        .chain((ms) => fc.constantFrom(ms, ms + 1, ms - 3_600_000)),
    );
    const patterns = [
      ['yyyy/MM/dd/HH', 13],
      ['yyyy-MM-dd', 10],
      ['yyyy.MM', 7],
      ['yyyy/MM/dd/HH/mm', 16],
    ] as const;
    fc.assert(
      fc.property(times, fc.constantFrom(...patterns), (all, [pattern, length]) => {
        const expected = all.map((ms) =>
          new Date(ms)
            .toISOString()
            .slice(0, length)
            .replaceAll(/[-T:]/g, (c) => (c === '-' ? pattern[4]! : '/')),
        );
        expect(
          foldersOf(
            `{dt:${pattern}}`,
            all.map((dt) => ({ dt })),
          ),
        ).toEqual(expected);
      }),
    );
  });

  test('remembers no more than it must', () => {
    const rows = Array.from({ length: 2500 }, (_, i) => ({ wiki: `w${i % 1250}` }));
    expect(foldersOf('{wiki}', rows)).toEqual(rows.map(({ wiki }) => wiki));
  });
});

describe('a partition template', () => {
  test.each([
    ['{country}', 'names the field "country", which the rows of "event" do not have'],
    ['{n}', '"n" is of type int'],
    ['{wiki:yyyy}', '"wiki" is of type text'],
    ['{dt}', 'needs a pattern for the time "dt"'],
    ['{dt:YYYY}', 'has a pattern for "dt" that is not made of'],
    ['{dt:-}', 'has a pattern for "dt" that is not made of'],
    ['{dt:../yyyy}', 'is no relative path'],
    ['/abs/{wiki}', 'is no relative path'],
    ['../{wiki}', 'is no relative path'],
    ['.hidden/{wiki}', 'is no relative path'],
    ['a//{wiki}', 'is no relative path'],
    ['{wiki}/', 'is no relative path'],
    ['a b', 'is no relative path'],
    ['', 'is no relative path'],
    ['{wiki', 'a brace too many or too few'],
    ['wiki}', 'a brace too many or too few'],
    ['{wiki}{wiki}{wiki}', 'more than 255 bytes'],
  ])('%j is refused', (template, why) => {
    expect(() => partitionBy(template, Event)).toThrow(`The template "${template}" `);
    expect(() => partitionBy(template, Event)).toThrow(why);
  });
});
