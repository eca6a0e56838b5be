/**
 * Makes rows for one output stream and hands them on.
 *
 * Everything on the way of a row is generated for this very emitter: `from` copies no more than the
 * slots (16 ns for 16 fields, where a spread takes 1.2 µs), and its call of `deliver` has one
 * target. Which fields are slots is learnt from the calls, as a JIT does: the first `from` with
 * another field than before makes the code anew.
 *
 * @module
 */
import { Base, viewOf } from './base.js';
import { CUT, OVER } from './cutting.js';
import { typeText, type Field } from './field.js';
import { generated, quoted } from './generate.js';
import { baseLayout, derivedLayout, LAYOUT, type Layout } from './layout.js';
import { Pii, piiBase } from './pii.js';
import { RowError } from './row-error.js';
import { placesOf, type Schema } from './schema.js';
import { inheritable, placeIn, slotsOf } from './shape.js';
import { Text, textBase } from './text.js';

/** What bolts call. Untyped here: `Emit<T>` is the typed view. */
export interface Emitter {
  (row: object): void;
  from(row: object, fields: object): void;
  [OVER](source: object): Base;
  [CUT](fields: object): void;
}

/**
 * @param name how errors name the stream, e.g. `parse.requests`
 * @param deliver takes each row; the row is dead when it returns
 * @param reads what the bolt declared to read: only these fields pass on through `from`
 */
export function emitter(
  name: string,
  schema: Schema,
  deliver: (row: object) => void,
  reads: Schema = schema,
): Emitter {
  const { spans, numbers } = placesOf(schema);
  const own = new Base(
    Buffer.alloc(0),
    new Int32Array(2 * spans.length),
    new Float64Array(numbers.length),
  );
  const all = new Set(Object.keys(schema.fields));
  const refuse = (field: string, value: unknown): never => {
    throw new RowError(
      `${name}: the field "${field}" ${fault(schema.fields[field as never], value)}.`,
    );
  };
  const scope = { deliver, own, refuse, Text, Pii };
  const freshRow = making(baseLayout(schema, all), null, all, scope);

  const learned = new Map<Layout, { slots: ReadonlySet<string>; make: Making }>();
  const learn = (layout: Layout, fields: object): Making => {
    const slots = new Set([...(learned.get(layout)?.slots ?? []), ...given(all, fields)]);
    const passes = (field: string): boolean =>
      slots.has(field) || inheritable(passing(layout, reads, field), schema.fields[field as never]);
    for (const field of all) if (!passes(field)) refuse(field, undefined);
    const make = making(derivedLayout(layout, schema, slots), layout, slots, scope, reads);
    learned.set(layout, { slots, make });
    return make;
  };
  const known = (layout: Layout | undefined, fields: object): Making => {
    if (layout === undefined)
      throw new RowError(`${name}.from: a row was expected, not a plain object.`);
    return learned.get(layout)?.make ?? learn(layout, fields);
  };

  let cutSlots: ReadonlySet<string> = new Set();
  const learnCut = (fields: object): Making => {
    cutSlots = new Set([...cutSlots, ...given(all, fields)]);
    return making(baseLayout(schema, cutSlots), null, cutSlots, scope);
  };

  const rebase = (source: object): void => {
    const from = sourceOf(source);
    own.bytes = from.bytes;
    own.view = from instanceof Base ? from.view : viewOf(from.bytes);
  };
  const isPassed = (layout: Layout): boolean => layout.schema === schema && reads === schema;
  const firstCut = learnCut(NONE);
  return generated(
    EMITTER,
    {
      ...scope,
      freshRow,
      learn,
      known,
      learnCut,
      firstCut,
      rebase,
      isPassed,
      sourceOf,
      Base,
      CUT,
      LAYOUT,
      NONE,
      OVER,
    },
    `emitter-${name}`,
  );
}

/** Per emitter, as its calls would otherwise share type feedback with those of all others, and none could be inlined. */
const EMITTER = `
let passed, checkPassed, fromLayout, fromRow, cutRow = firstCut;
const emit = (row) => {
  const layout = row[LAYOUT];
  if (layout !== undefined && layout === passed) {
    checkPassed(row);
    return deliver(row);
  }
  if (layout === undefined) {
    freshRow(row, row);
    own.generation++;
  } else if (isPassed(layout)) {
    passed = layout;
    checkPassed = layout.checkLive;
    checkPassed(row);
    deliver(row);
  } else emit.from(row, NONE);
};
emit.from = (row, fields) => {
  const layout = row[LAYOUT];
  if (layout === undefined || layout !== fromLayout) {
    fromRow = known(layout, fields);
    fromLayout = layout;
  }
  if (fromRow(row, fields)) return;
  fromRow = learn(layout, fields);
  fromRow(row, fields);
};
emit[OVER] = (source) => {
  const from = sourceOf(source);
  if (from.bytes !== own.bytes) rebase(from);
  own.ascii = from instanceof Base && from.ascii && from.asciiKnown;
  own.line = null;
  return own;
};
emit[CUT] = (fields) => {
  if (!cutRow(NONE, fields)) {
    cutRow = learnCut(fields);
    cutRow(NONE, fields);
  }
  own.generation++;
};
return emit;`;

/** Makes a row and delivers it; false when `fields` has one that is no slot yet. */
type Making = (row: object, fields: object) => boolean;

function making(
  layout: Layout,
  from: Layout | null,
  given: ReadonlySet<string>,
  scope: { readonly [name: string]: unknown },
  reads = layout.schema,
): Making {
  const { Row } = layout;
  const baseOf = from?.baseOf;
  const generationOf = from?.generationOf;
  const others = layout.fields.filter(({ name }) => !given.has(name)).map(({ name }) => name);
  const slots = slotsOf(layout).map(({ name, field, index }) => {
    const inherited = from === null ? undefined : placeIn(from, name);
    if (!given.has(name)) return `const s${index} = slotOf(${inherited!.index})(row);`;
    const isInherited = from !== null && inheritable(passing(from, reads, name), field);
    const otherwise = !isInherited
      ? ''
      : `if (v === undefined) v = ${inheriting(name, field)}; else `;
    return `let s${index}; { let v = ${reading(name)}; ${otherwise}if (!(${fits(field, 'v')})) refuse(${quoted(name)}, v); s${index} = v; }`;
  });
  const slotOf = (index: number): unknown => from?.slotOf(index);
  // Of an object of one shape these reads fold into its one shape check: they cost nothing.
  const unknown = others.map((name) => `${reading(name)} !== undefined`).join(' || ');
  const checkLive = from?.checkLive;
  const base = from === null ? 'own, own.generation' : 'baseOf(row), generationOf(row)';
  const source = `
return (row, fields) => {
  ${unknown === '' ? '' : `if (${unknown}) return false;`}
  ${from === null ? '' : 'checkLive(row);'}
  ${slots.join('\n  ')}
  deliver(new Row(${[base, ...slots.map((_, i) => `s${i}`)].join(', ')}));
  return true;
};`.replaceAll(/slotOf\((\d+)\)\(row\)/g, 'slot$1(row)');
  const slotReaders = Object.fromEntries(
    (from === null ? [] : slotsOf(from)).map(({ index }) => [`slot${index}`, slotOf(index)]),
  );
  return generated(
    source,
    { ...scope, ...slotReaders, Row, baseOf, generationOf, checkLive },
    `emit-${layout.schema.title}`,
  );
}

/** A field as it was given: not what every object has by birth under its name, such as `toString`. */
function reading(name: string): string {
  const read = `fields[${quoted(name)}]`;
  return name in Object.prototype
    ? `(Object.hasOwn(fields, ${quoted(name)}) ? ${read} : undefined)`
    : read;
}

/** A field that is replaced in some calls only: what it is in the others, undecoded. */
const inheriting = (name: string, { type, pii }: Field): string =>
  `row[${quoted(type === 'text' && pii === undefined ? `$${name}` : name)}]`;

/** The test that a value of a slot must pass. */
function fits({ type, pii, items, nullable }: Field, v: string): string {
  const plain = items === undefined ? PLAIN[type](v) : fitsList(items, v);
  const value = pii === undefined ? plain : `${v} instanceof Pii && ${v}.kind === ${quoted(pii)}`;
  return nullable ? `${v} === null || ${value}` : value;
}

/** Holes are undefined to `includes`, and nothing to `every`. */
const fitsList = (items: Field, v: string): string =>
  `Array.isArray(${v}) && !${v}.includes(undefined) && ${v}.every((item) => ${fitsItem(items)})`;

/** A list travels as JSON, so its texts are strings. */
const fitsItem = (items: Field): string =>
  items.type === 'text'
    ? `typeof item === 'string'${items.nullable ? ' || item === null' : ''}`
    : fits(items, 'item');

const PLAIN: { readonly [T in Field['type']]: (v: string) => string } = {
  text: (v) => `typeof ${v} === 'string' || ${v} instanceof Text`,
  int: (v) => `Number.isSafeInteger(${v})`,
  float: (v) => `Number.isFinite(${v})`,
  time: (v) => `Number.isSafeInteger(${v})`,
  flag: (v) => `typeof ${v} === 'boolean'`,
  bytes: (v) => `${v} instanceof Uint8Array`,
  list: (v) => `Array.isArray(${v})`,
};

/** Names the type of a wrong value, never the value. */
function fault(field: Field, value: unknown): string {
  if (value === undefined) return 'is missing';
  const sealed = field.pii === undefined ? '' : `sealed (${field.pii}) `;
  const expected = `${sealed}${typeText(field)}`;
  const actual =
    value === null ? 'null' : value instanceof Pii ? `sealed (${value.kind})` : kindOf(value);
  return `must be ${expected}, not ${actual}`;
}

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'a list of something else' : typeof value;

const given = (all: ReadonlySet<string>, fields: object): string[] =>
  Object.entries(fields).flatMap(([name, value]) =>
    all.has(name) && value !== undefined ? [name] : [],
  );

/** The field of a row that a bolt may pass on: one that it declared to read. */
const passing = (layout: Layout, reads: Schema, name: string): Field | undefined =>
  Object.hasOwn(reads.fields, name) ? placeIn(layout, name)?.field : undefined;

function sourceOf(source: object): Base | { readonly bytes: Buffer } {
  if (source instanceof Text) return textBase(source);
  if (source instanceof Pii) return piiBase(source) ?? NOTHING;
  return source as { readonly bytes: Buffer };
}

const NOTHING = { bytes: Buffer.alloc(0) };
const NONE = {};
