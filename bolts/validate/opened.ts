/** Rows as plain objects with their seals open, for validators that know no rows. @module */
import { Pii } from '../../topology/rows/pii.js';
import { reveal, revealValue } from '../../topology/rows/reveal.js';
import type { Schema } from '../../topology/rows/schema.js';

/** Field values by name: strings, numbers, booleans, Buffers, lists, nulls. Raw: it must not leave the function that validates it. */
export type Opened = { [field: string]: unknown };

/** Opens rows: the fields of `schema` and no others. */
export function opener(schema: Schema): (row: object) => Opened {
  const names = Object.keys(schema.fields);
  return (row) => {
    const opened: Opened = {};
    for (const name of names) opened[name] = open((row as Opened)[name]);
    return opened;
  };
}

function open(value: unknown): unknown {
  if (value instanceof Pii) return open(revealValue(value) ?? reveal(value));
  // avsc takes bytes only as a Buffer.
  return value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.length)
    : value;
}
