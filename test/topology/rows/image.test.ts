import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Base } from '../../../topology/rows/base.js';
import { emitter } from '../../../topology/rows/emitter.js';
import { int, nullable, text, type Field } from '../../../topology/rows/field.js';
import { headBytes, imageWriter, ownImage, readImage, Slab } from '../../../topology/rows/image.js';
import { baseLayout, layoutOf } from '../../../topology/rows/layout.js';
import { placesOf, schema, type Schema } from '../../../topology/rows/schema.js';

const texts = (names: readonly string[]): Schema<object> =>
  schema<object>(
    'texts',
    Object.fromEntries(names.map((name): [string, Field] => [name, nullable(text())])) as never,
  );

/** A line and where its fields lie in it: in any order, apart, adjoining or overlapping, or null. */
const lines = fc
  .string({ unit: fc.constantFrom('a', 'b', ' ', '"', 'ä'), minLength: 1, maxLength: 40 })
  .chain((line) => {
    const length = Buffer.byteLength(line);
    const span = fc.option(
      fc.tuple(fc.nat(length), fc.nat(length)).map((ends) => ends.sort((a, b) => a - b)),
    );
    return fc.record({
      line: fc.constant(line),
      spans: fc.array(span, { minLength: 1, maxLength: 6 }),
    });
  });

interface Line {
  readonly line: string;
  readonly spans: readonly (readonly number[] | null)[];
}

/** The row of `line`, as a spout that cuts lines would make it. */
function rowOf(of: Schema, { line, spans }: Line): { row: object; base: Base } {
  const base = new Base(
    Buffer.from(line),
    Int32Array.from(spans.flatMap((span) => span ?? [-1, -1])),
    new Float64Array(0),
  );
  base.lineEnd = base.bytes.length;
  return { row: new (baseLayout(of).Row)(base, base.generation), base };
}

const values = (row: object): object => (row as { toObject(): object }).toObject();

describe('an image', () => {
  test('has the text of every field, wherever in the line they lie, at no more than the size that was asked for', () => {
    fc.assert(
      fc.property(lines, fc.nat(7), (given, words) => {
        const Texts = texts(given.spans.map((_, i) => `t${i}`));
        const { row, base } = rowOf(Texts, given);
        const bytes = Buffer.from(given.line);
        const expected = Object.fromEntries(
          given.spans.map((span, i) => [`t${i}`, span && bytes.toString('utf8', span[0], span[1])]),
        );
        const writer = layoutOf(row)!.imageWriter(Texts);
        const at = 8 * words;
        const slab = new Slab(at + writer.size(row) + 64);
        slab.bytes.fill(0x55, at + ((writer.size(row) + 7) & ~7));
        const end = writer.write(row, slab, at);
        expect(end % 8).toBe(0);
        expect(
          slab.bytes.subarray(at + ((writer.size(row) + 7) & ~7)).every((byte) => byte === 0x55),
        ).toBe(true);
        const read = new Base(base.bytes, base.spans, base.numbers);
        readImage(read, slab, at, end, 0, headBytes(Texts));
        expect(values(new (baseLayout(Texts).Row)(read, read.generation))).toEqual(expected);
      }),
    );
  });

  test('holds nothing that lies between its fields, but for the three bytes that a separator may take', () => {
    const All = texts(['first', 'secret', 'last']);
    const Some = texts(['first', 'last']);
    for (const secret of ['', 'x', 'secret', '192.0.2.1']) {
      const line = `begin ${secret} end`;
      const to = 6 + secret.length;
      const [first, middle, last] = [
        [0, 5],
        [6, to],
        [to + 1, to + 4],
      ] as const;
      // Left out of the image, or never a field of the row at all.
      for (const { row } of [
        rowOf(All, { line, spans: [first, middle, last] }),
        rowOf(Some, { line, spans: [first, last] }),
      ]) {
        const writer = layoutOf(row)!.imageWriter(Some);
        const slab = new Slab(writer.size(row));
        const end = writer.write(row, slab, 0);
        const image = slab.bytes.toString('latin1', headBytes(Some), end);
        expect(image).toContain('begin');
        if (secret.length > 1) expect(image).not.toContain(secret);
      }
    }
  });

  test('copies neighbouring fields at once, with what separates them', () => {
    const Two = texts(['a', 'b']);
    const { row } = rowOf(Two, {
      line: 'one\ttwo and more',
      spans: [
        [0, 3],
        [4, 7],
      ],
    });
    const writer = layoutOf(row)!.imageWriter(Two);
    const slab = new Slab(writer.size(row));
    const end = writer.write(row, slab, 0);
    expect(slab.bytes.toString('latin1', headBytes(Two), end)).toBe('one\ttwo\0');
  });

  test('is of the fields of its schema, from rows that have more, in slots and bytes', () => {
    const Wide = schema('wide', { a: text(), n: int(), b: text(), m: int() });
    const Narrow = schema('narrow', { b: text(), m: int() });
    let seen: object | undefined;
    emitter('wide', Wide, (row) => {
      for (const each of [row, (row as { keep(): object }).keep()]) {
        const layout = layoutOf(each)!;
        const base = ownImage(
          imageWriter(
            layout,
            { baseOf: layout.baseOf, slotOf: [0, 1, 2, 3].map((i) => layout.slotOf(i)) },
            Narrow,
          ),
          each,
          Narrow,
        );
        seen = values(new (baseLayout(Narrow).Row)(base, base.generation));
        expect(seen).toEqual({ b: 'bb', m: 2 });
      }
    })({ a: 'aa', n: 1, b: 'bb', m: 2 });
    expect(seen).toBeDefined();
  });
});

test('a head has eight bytes for each number and each span', () => {
  const Mixed = schema('mixed', { a: text(), n: int(), m: int() });
  expect([headBytes(Mixed), placesOf(Mixed).numbers.length]).toEqual([24, 2]);
});

test('a slab is a multiple of eight bytes, and its views are of one memory', () => {
  const slab = new Slab(13);
  slab.ints[1] = 7;
  expect([
    slab.bytes.length,
    slab.bytes.readInt32LE(4),
    slab.view.getInt32(4, true),
    slab.doubles.length,
  ]).toEqual([16, 7, 7, 2]);
});
