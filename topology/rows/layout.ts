/**
 * The class behind rows of one shape: the hidden class of rows. Code over rows is generated per layout.
 *
 * The class keeps its slots #private (19 ns a row against 16 for plain ones), because a spread or
 * a structured clone of plain slots would carry the base, with every raw value of the message,
 * along. What generated code elsewhere needs is handed out by the class itself.
 *
 * @module
 */
import type { Base } from './base.js';
import { generated, quoted } from './generate.js';
import { imageWriter, ownImage, type ImageWriter } from './image.js';
import { Pii } from './pii.js';
import type { Schema } from './schema.js';
import { baseShape, derivedShape, slotsOf, type Place, type Shape } from './shape.js';
import { bytesOfSpan, decoded, textOf, undecoded } from './span.js';
import { Text, stale } from './text.js';

export interface Layout extends Shape {
  /** `new layout.Row(base, base.generation, ...slots)`. */
  readonly Row: new (base: Base, generation: number, ...slots: unknown[]) => object;
  /** The base of a row of this layout; does not look whether the row lives. */
  readonly baseOf: (row: object) => Base;
  /** @throws RowError when the row is dead: what it shows by now is another row's. */
  readonly checkLive: (row: object) => void;
  /** The generation that a row of this layout was made in. */
  readonly generationOf: (row: object) => number;
  /** `slotOf(i)(row)`: the value in slot i: string, Text, Pii, number, boolean, Uint8Array, array or null. */
  readonly slotOf: (index: number) => (row: object) => unknown;
  /** Writes images of `schema`, whose fields rows of this layout must have. */
  readonly imageWriter: (schema: Schema) => ImageWriter;
}

/** On the prototype of every row. */
export const LAYOUT = Symbol('layout');

/** The layout of a row; undefined for anything else. */
export const layoutOf = (row: object): Layout | undefined => (row as { [LAYOUT]?: Layout })[LAYOUT];

/** Rows of `schema` whose fields all lie in the base but for `slots`. One per schema and slots. */
export function baseLayout(schema: Schema, slots: ReadonlySet<string> = new Set()): Layout {
  const key = [...slots].sort().join('\n');
  let layouts = baseLayouts.get(schema);
  if (layouts === undefined) baseLayouts.set(schema, (layouts = new Map()));
  let layout = layouts.get(key);
  if (layout === undefined) layouts.set(key, (layout = layoutFor(baseShape(schema, slots))));
  return layout;
}

/** Rows of `schema` made from rows of `from`, with `slots` added or replaced. */
export const derivedLayout = (from: Layout, schema: Schema, slots: ReadonlySet<string>): Layout =>
  layoutFor(derivedShape(from, schema, slots));

const baseLayouts = new WeakMap<Schema, Map<string, Layout>>();

interface RowClass {
  Row: Layout['Row'];
  baseOf: Layout['baseOf'];
  generationOf: Layout['generationOf'];
  checkLive: Layout['checkLive'];
  slotOf: ((row: object) => unknown)[];
}

function layoutFor(shape: Shape): Layout {
  const writers = new Map<Schema, ImageWriter>();
  const writerFor = (schema: Schema): ImageWriter => {
    let writer = writers.get(schema);
    if (writer === undefined) writers.set(schema, (writer = imageWriter(shape, hand, schema)));
    return writer;
  };
  const keep = (row: object): object => {
    const base = ownImage(writerFor(shape.schema), row, shape.schema);
    return new (baseLayout(shape.schema).Row)(base, base.generation);
  };
  const hand: RowClass = rowClass(shape, keep);
  const { Row, baseOf, generationOf, checkLive } = hand;
  const slotOf = (index: number): ((row: object) => unknown) => hand.slotOf[index]!;
  const layout: Layout = {
    ...shape,
    Row,
    baseOf,
    generationOf,
    checkLive,
    slotOf,
    imageWriter: writerFor,
  };
  Object.defineProperty(Row.prototype, LAYOUT, { value: layout });
  return layout;
}

function rowClass(shape: Shape, keep: (row: object) => object): RowClass {
  const slots = slotsOf(shape).map(({ index }) => index);
  const each = (code: (index: number) => string, separator = ''): string =>
    slots.map(code).join(separator);
  const source = `
const hand = {};
hand.Row = class {
  #base; #generation;${each((i) => ` #s${i};`)}
  constructor(base, generation${each((i) => `, s${i}`)}) {
    this.#base = base; this.#generation = generation;${each((i) => ` this.#s${i} = s${i};`)}
  }
${shape.fields.map(accessors).join('\n')}
  toObject() { return {${shape.fields.map(({ name }) => `${quoted(name)}: this[${quoted(name)}]`).join(', ')}}; }
  toJSON() { return this.toObject(); }
  keep() { if (this.#base.generation !== this.#generation) stale(); return keep(this); }
  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) { return inspect(this.toObject(), options); }
  static {
    hand.baseOf = (row) => row.#base;
    hand.generationOf = (row) => row.#generation;
    hand.checkLive = (row) => { if (row.#base.generation !== row.#generation) stale(); };
    hand.slotOf = [${each((i) => `(row) => row.#s${i}`, ', ')}];
  }
};
Object.defineProperty(hand.Row, 'name', { value: title });
return hand;`;
  const { title } = shape.schema;
  return generated(
    source,
    { title, keep, Text, Pii, stale, decoded, undecoded, bytesOfSpan, textOf },
    `row-${title}`,
  );
}

const CHECK = 'const b = this.#base; if (b.generation !== this.#generation) stale();';

function accessors(place: Place): string {
  const get = `  get ${quoted(place.name)}() { ${CHECK} ${reading(place)} }`;
  if (place.field.type !== 'text' || place.field.pii !== undefined) return get;
  return `${get}\n  get ${quoted(`$${place.name}`)}() { ${CHECK} ${readingText(place)} }`;
}

function reading({ place, index, field }: Place): string {
  if (place === 'number') return readingNumber(index, field);
  if (place === 'slot') {
    const slot = `this.#s${index}`;
    return `return ${field.type === 'text' ? `${slot} instanceof Text ? ${slot}.toString() : ${slot}` : slot};`;
  }
  if (field.pii !== undefined) {
    const list = field.type === 'list';
    return readingSpan(
      index,
      `new Pii(${quoted(field.pii)}, ${list ? 'null, 0, 0, JSON.parse(decoded(b, s, e))' : 'b, s, e'})`,
    );
  }
  if (field.type === 'bytes') return readingSpan(index, 'bytesOfSpan(b, s, e)');
  return readingSpan(
    index,
    field.type === 'list' ? 'JSON.parse(decoded(b, s, e))' : 'decoded(b, s, e)',
  );
}

const readingText = ({ place, index }: Place): string =>
  place === 'slot' ? `return textOf(this.#s${index});` : readingSpan(index, 'undecoded(b, s, e)');

const readingSpan = (index: number, value: string): string =>
  `const at = b.spanAt + ${2 * index}; let s = b.spans[at]; if (s < 0) return null; s += b.origin; const e = b.spans[at + 1] + b.origin; return ${value};`;

function readingNumber(index: number, { type, pii }: Place['field']): string {
  const value = type === 'flag' ? 'v === 1' : 'v';
  const sealed = pii === undefined ? value : `new Pii(${quoted(pii)}, null, 0, 0, ${value})`;
  return `const v = b.numbers[b.numberAt + ${index}]; return v !== v ? null : ${sealed};`;
}
