/**
 * Generated code that writes rows in a file's format: one function per layout of rows, which reads
 * fields where they lie. What was never decoded is copied as bytes.
 *
 * The code has two parts: it takes each field and adds up what the row needs at most, so that room
 * is made once; then it writes. `at` of the output moves last.
 *
 * @module
 */
import { perLayout, type Layout } from '../../../topology/rows/access.js';
import type { Field } from '../../../topology/rows/field.js';
import { generated, quoted } from '../../../topology/rows/generate.js';
import { fieldsOf, type Schema } from '../../../topology/rows/schema.js';
import { placeIn, type Place } from '../../../topology/rows/shape.js';
import { Text } from '../../../topology/rows/text.js';
import type { Output } from './output.js';

/** Writes one row at `out.at`. */
export type RowEncoder = (row: object, out: Output) => void;

/**
 * How a format writes values, as code. Code writes to `b` (bytes) and `v` (DataView) at `d`, and
 * moves `d`; `src` and `sv` are the bytes of the row.
 */
export interface Notation {
  /** What the code calls. */
  readonly scope: { readonly [name: string]: unknown };
  readonly begin: string;
  readonly end: string;
  /** Written before each value, also before null. */
  readonly before: (name: string, i: number) => string;
  readonly none: string;
  /** Written before the value of a field that might be null and is not. */
  readonly some: string;
  /** A text or bytes at [`start`, `end`) of `src`. */
  readonly span: (type: Field['type'], start: string, end: string) => string;
  /** A text or bytes: string, Text or Uint8Array. */
  readonly slot: (type: Field['type'], value: string) => string;
  /** An int, float, time or flag. */
  readonly number: (type: Field['type'], value: string) => string;
  /** A list, ready to be copied. */
  readonly list: (items: Field, values: readonly unknown[]) => Buffer;
  /** Most bytes that a field takes beside its text; and that a byte of text takes. */
  readonly fieldBytesMax: (name: string) => number;
  readonly growth: number;
}

/** Finds the encoder of a row; compiled once per layout. @throws Error when a field is sealed */
export function rowEncoder(schema: Schema, notation: Notation): (row: object) => RowEncoder {
  for (const [name, field] of fieldsOf(schema)) refuseSealed(name, field);
  return perLayout((layout) => compile(schema, layout, notation));
}

function compile(schema: Schema, layout: Layout, notation: Notation): RowEncoder {
  const places = fieldsOf(schema).map(([name, field]) =>
    checked(placeIn(layout, name), name, field),
  );
  const fixed = places.reduce(
    (sum, { name }) => sum + notation.fieldBytesMax(name),
    FRAME_BYTES_MAX,
  );
  const source = `
return (row, out) => {
  const base = baseOf(row), src = base.bytes, sv = base.view, o = base.origin;
  const spans = base.spans, k = base.spanAt, numbers = base.numbers, j = base.numberAt;
  ${places.map(take).join('\n  ')}
  let d = out.room(${fixed} + ${notation.growth} * (0${places.map(size).join('')}));
  const b = out.bytes, v = out.view;
  ${notation.begin}
  ${places.map((place, i) => `${notation.before(place.name, i)} ${write(place, i, notation)}`).join('\n  ')}
  ${notation.end}
  out.at = d;
};`;
  const lists = (i: number) => (values: unknown) => listBytes(notation, places[i]!, values);
  const own = places.flatMap((place, i) => [
    ...(place.place === 'slot' ? [[`slot${i}`, layout.slotOf(place.index)] as const] : []),
    ...(place.field.type === 'list' ? [[`list${i}`, lists(i)] as const] : []),
  ]);
  return generated(source, {
    ...notation.scope,
    ...Object.fromEntries(own),
    baseOf: layout.baseOf,
    slotBytesMax,
    listIn,
  });
}

/** What `begin` and `end` may write. */
const FRAME_BYTES_MAX = 8;

/** The plan was checked for it all; this is the last gate before the disk. */
function checked(place: Place | undefined, name: string, field: Field): Place {
  if (place === undefined) throw new Error(`The rows lack the field ${quoted(name)}.`);
  refuseSealed(name, place.field);
  return { ...place, field };
}

function refuseSealed(name: string, field: Field): void {
  if (field.pii !== undefined)
    throw new Error(`The field ${quoted(name)} is sealed: anonymize it before a sink.`);
}

function take({ place, index, field }: Place, i: number): string {
  if (place === 'number') return `const v${i} = numbers[j + ${index}];`;
  if (place === 'slot')
    return `const v${i} = ${field.type === 'list' ? `list${i}(slot${i}(row))` : `slot${i}(row)`};`;
  const span = `const s${i} = spans[k + ${2 * index}], e${i} = spans[k + ${2 * index + 1}];`;
  if (field.type !== 'list') return span;
  return `${span} const v${i} = list${i}(s${i} < 0 ? null : listIn(src, s${i} + o, e${i} + o));`;
}

function size({ place, field }: Place, i: number): string {
  if (field.type === 'list') return ` + (v${i} === null ? 0 : v${i}.length)`;
  if (place === 'span')
    return field.nullable ? ` + (s${i} < 0 ? 0 : e${i} - s${i})` : ` + e${i} - s${i}`;
  return place === 'slot' && (field.type === 'text' || field.type === 'bytes')
    ? ` + slotBytesMax(v${i})`
    : '';
}

function write(place: Place, i: number, notation: Notation): string {
  const value = writeValue(place, i, notation);
  if (!place.field.nullable) return value;
  return `if (${isNull(place, i)}) { ${notation.none} } else { ${notation.some} ${value} }`;
}

function isNull({ place, field }: Place, i: number): string {
  if (place === 'number') return `v${i} !== v${i}`;
  return place === 'span' && field.type !== 'list' ? `s${i} < 0` : `v${i} === null`;
}

function writeValue({ place, field: { type } }: Place, i: number, notation: Notation): string {
  if (type === 'list') return `b.set(v${i}, d); d += v${i}.length;`;
  if (type !== 'text' && type !== 'bytes') return notation.number(type, `v${i}`);
  return place === 'span'
    ? notation.span(type, `s${i} + o`, `e${i} + o`)
    : notation.slot(type, `v${i}`);
}

function listBytes(notation: Notation, { name, field }: Place, values: unknown): Buffer | null {
  if (values === null && field.nullable) return null;
  if (Array.isArray(values)) return notation.list(field.items!, values);
  throw new TypeError(`The field ${quoted(name)} holds no list.`);
}

/** JSON.parse would quote the row. */
function listIn(src: Buffer, start: number, end: number): unknown {
  try {
    return JSON.parse(src.utf8Slice(start, end));
  } catch {
    return undefined;
  }
}

/** Of a text, at most: three bytes for each UTF-16 unit. */
function slotBytesMax(value: string | Text | Uint8Array | null): number {
  if (value === null) return 0;
  return typeof value === 'string' ? 3 * value.length : value.length;
}
