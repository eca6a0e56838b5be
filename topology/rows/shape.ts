/**
 * Where each field of a row is, as data.
 *
 * A field lies in the base (a span or a number) or in a slot of the row's own, for values that a
 * bolt computed.
 *
 * @module
 */
import type { Field } from './field.js';
import { fieldsOf, placesOf, type Schema } from './schema.js';

export interface Place {
  readonly name: string;
  readonly field: Field;
  readonly place: 'span' | 'number' | 'slot';
  /** Which span, number or slot. */
  readonly index: number;
}

export interface Shape {
  readonly schema: Schema;
  readonly fields: readonly Place[];
}

/** Rows of `schema` whose fields all lie in the base but for `slots`. */
export function baseShape(schema: Schema, slots: ReadonlySet<string>): Shape {
  const { spans, numbers } = placesOf(schema);
  return shapeOf(schema, (name) => {
    if (slots.has(name)) return 'slot';
    const index = spans.indexOf(name);
    if (index >= 0) return { place: 'span', index };
    return { place: 'number', index: numbers.indexOf(name) };
  });
}

/** Rows of `schema` made from rows of `from` with `slots` added or replaced; the others must be `inheritable`. */
export function derivedShape(from: Shape, schema: Schema, slots: ReadonlySet<string>): Shape {
  return shapeOf(schema, (name) => {
    const place = slots.has(name) ? undefined : placeIn(from, name);
    return place === undefined || place.place === 'slot' ? 'slot' : place;
  });
}

/**
 * Whether a field can be passed on as it is. The personal kind must be the same: a sealed field
 * never becomes an open one by its name.
 */
export const inheritable = (from: Field | undefined, to: Field): boolean =>
  from !== undefined &&
  from.type === to.type &&
  from.pii === to.pii &&
  (to.nullable === true || from.nullable !== true);

export const placeIn = (shape: Shape, name: string): Place | undefined =>
  shape.fields.find((place) => place.name === name);

export const slotsOf = (shape: Shape): readonly Place[] =>
  shape.fields.filter(({ place }) => place === 'slot');

function shapeOf(
  schema: Schema,
  placeOf: (name: string) => Pick<Place, 'place' | 'index'> | 'slot',
): Shape {
  let slots = 0;
  const fields = fieldsOf(schema).map(([name, field]): Place => {
    const place = placeOf(name);
    if (place === 'slot') return { name, field, place, index: slots++ };
    return { name, field, place: place.place, index: place.index };
  });
  return { schema, fields };
}
