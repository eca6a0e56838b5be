/**
 * A row as one piece of memory: how it travels between workers, and how it is kept.
 *
 *     f64  number j                       one per number field, in the order of placesOf(schema); NaN = null
 *     i32  start, end of span i           one pair per span field, counted from the image's start; start -1 = null
 *     ...  bytes of the spans             padded to 8 bytes
 *
 * The receiver's row points into it: its base takes the image's own numbers and spans, so nothing
 * is decoded on arrival. Neighbouring fields that nobody decoded travel as one copy, with the
 * separators between them. Everything is little-endian, as both ends are one machine.
 *
 * @module
 */
import { Base, viewOf } from './base.js';
import { copyBytes, writeText } from './copy.js';
import { generated } from './generate.js';
import { Pii, piiBase, piiEnd, piiStart, piiValue } from './pii.js';
import { placesOf, type Schema } from './schema.js';
import { placeIn, type Place, type Shape } from './shape.js';
import { Text, textBase, textEnd, textStart } from './text.js';

/** Memory with the views that images need. Its length is a multiple of 8. */
export class Slab {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly ints: Int32Array;
  readonly doubles: Float64Array;

  constructor(size: number) {
    const memory = new ArrayBuffer((size + 7) & ~7);
    this.bytes = Buffer.from(memory);
    this.view = new DataView(memory);
    this.ints = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
  }
}

export interface RowAccess {
  readonly baseOf: (row: object) => Base;
  readonly slotOf: readonly ((row: object) => unknown)[];
}

/** Writes images of `schema` from rows of one shape, which has all of its fields. */
export interface ImageWriter {
  /** No smaller than what `write` will take. */
  size(row: object): number;
  /** Writes at `at` (a multiple of 8) and returns the end, a multiple of 8 again. */
  write(row: object, slab: Slab, at: number): number;
}

export function imageWriter(shape: Shape, access: RowAccess, schema: Schema): ImageWriter {
  const { spans, numbers } = placesOf(schema);
  const at = (name: string): Place => placeIn(shape, name)!;
  const head = headBytes(schema);
  const source = `
const size = (row) => {
  const b = baseOf(row); let n = ${head + 8 + 4 * spans.length};
  ${spans.map((name) => sizing(at(name))).join('\n  ')}
  return n;
};
const write = (row, slab, at) => {
  const b = baseOf(row), ints = slab.ints, doubles = slab.doubles, n = at >> 3, i = (at >> 2) + ${2 * numbers.length};
  ${numbers.map((name, j) => `doubles[n + ${j}] = ${number(at(name))};`).join('\n  ')}
  let d = at + ${head};
  ${runs(spans.map(at)).join('\n  ')}
  return (d + 7) & ~7;
};
return { size, write };`;
  return generated(
    source,
    { ...access, copySpans, slotSize, writeSlot, slotNumber },
    `image-${schema.title}`,
  );
}

/** Where the bytes begin in an image of `schema`. */
export function headBytes(schema: Schema): number {
  const { spans, numbers } = placesOf(schema);
  return 8 * numbers.length + 8 * spans.length;
}

/** Points `base` at the image at [at, end) of `slab`. */
export function readImage(
  base: Base,
  slab: Slab,
  at: number,
  end: number,
  numbers: number,
  head: number,
): void {
  base.bytes = slab.bytes;
  base.view = slab.view;
  base.spans = slab.ints;
  base.spanAt = (at >> 2) + 2 * numbers;
  base.numbers = slab.doubles;
  base.numberAt = at >> 3;
  base.origin = at;
  base.line = null;
  base.asciiKnown = false;
  base.lineStart = at + head;
  base.lineEnd = end;
}

/** A row's own copy of itself, as a base whose rows never die. */
export function ownImage(writer: ImageWriter, row: object, schema: Schema): Base {
  const slab = new Slab(writer.size(row));
  const end = writer.write(row, slab, 0);
  const head = headBytes(schema);
  const base = new Base(slab.bytes, slab.ints, slab.doubles);
  readImage(base, slab, 0, end, placesOf(schema).numbers.length, head);
  return base;
}

const sizing = ({ place, index }: Place): string =>
  place === 'slot'
    ? `n += slotSize(slotOf[${index}](row));`
    : `{ const s = b.spans[b.spanAt + ${2 * index}]; if (s >= 0) n += b.spans[b.spanAt + ${2 * index + 1}] - s; }`;

const number = ({ place, index }: Place): string =>
  place === 'slot' ? `slotNumber(slotOf[${index}](row))` : `b.numbers[b.numberAt + ${index}]`;

/** Span fields that lie next to each other in the base are copied by one call, slots one by one. */
function runs(places: readonly Place[]): string[] {
  const calls: string[] = [];
  for (let i = 0; i < places.length;) {
    const { place, index } = places[i]!;
    let count = 1;
    if (place === 'span') {
      while (places[i + count]?.place === 'span' && places[i + count]!.index === index + count)
        count++;
      calls.push(`d = copySpans(b, ${index}, ${count}, slab, at, i + ${2 * i}, d);`);
    } else {
      calls.push(`d = writeSlot(slotOf[${index}](row), slab, at, i + ${2 * i}, d);`);
    }
    i += count;
  }
  return calls;
}

/** Between neighbouring fields of one copy there may be this much: a separator, a quote and a blank. More could be a field that the schema leaves out. */
const GAP_BYTES_MAX = 3;

function copySpans(
  base: Base,
  first: number,
  count: number,
  slab: Slab,
  at: number,
  to: number,
  d: number,
): number {
  const { spans } = base;
  const { ints } = slab;
  const k = base.spanAt + 2 * first;
  let runStart = -1;
  let runEnd = 0;
  let shift = 0;
  for (let i = 0; i < 2 * count; i += 2) {
    const start = spans[k + i]!;
    const end = spans[k + i + 1]!;
    if (start < 0) {
      ints[to + i] = ints[to + i + 1] = -1;
      continue;
    }
    const gap = start - runEnd;
    if (runStart < 0 || gap < 0 || gap > GAP_BYTES_MAX) {
      if (runStart >= 0)
        d = copyBytes(slab.view, d, base.view, runStart + base.origin, runEnd + base.origin);
      runStart = start;
      shift = d - at - start;
    }
    ints[to + i] = start + shift;
    ints[to + i + 1] = end + shift;
    runEnd = end;
  }
  if (runStart < 0) return d;
  return copyBytes(slab.view, d, base.view, runStart + base.origin, runEnd + base.origin);
}

function slotSize(value: unknown): number {
  if (value === null) return 0;
  if (typeof value === 'string') return 3 * value.length;
  if (value instanceof Text) return value.length;
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof Pii && piiBase(value) !== null) return piiEnd(value) - piiStart(value);
  return Buffer.byteLength(listText(value));
}

function writeSlot(value: unknown, slab: Slab, at: number, to: number, d: number): number {
  if (value === null) {
    slab.ints[to] = slab.ints[to + 1] = -1;
    return d;
  }
  slab.ints[to] = d - at;
  const end = writeValue(value, slab, d);
  slab.ints[to + 1] = end - at;
  return end;
}

function writeValue(value: unknown, slab: Slab, d: number): number {
  if (typeof value === 'string') return writeText(slab.bytes, d, value);
  if (value instanceof Text)
    return copyBytes(slab.view, d, textBase(value).view, textStart(value), textEnd(value));
  if (value instanceof Uint8Array) return copyBytes(slab.view, d, viewOf(value), 0, value.length);
  const base = value instanceof Pii ? piiBase(value) : null;
  if (base !== null)
    return copyBytes(slab.view, d, base.view, piiStart(value as Pii), piiEnd(value as Pii));
  return writeText(slab.bytes, d, listText(value));
}

/** Lists travel as JSON. */
const listText = (value: unknown): string =>
  JSON.stringify(value instanceof Pii ? piiValue(value) : value);

function slotNumber(value: unknown): number {
  if (value === null) return NaN;
  return Number(value instanceof Pii ? piiValue(value) : value);
}
