/** Gives a request its id. @module */
import { Rejected } from '../../topology/dsl/reject.js';
import type { RawLine } from '../../topology/dsl/raw-line.js';
import { lastingBase, viewOf, type Base } from '../../topology/rows/base.js';
import { int, nullable, text } from '../../topology/rows/field.js';
import { bytesOf, endOf, startOf } from '../../topology/rows/reveal.js';
import type { Row } from '../../topology/rows/row.js';
import { schema, type Schema } from '../../topology/rows/schema.js';
import type { Text } from '../../topology/rows/text.js';
import type { Split } from './splitter.js';
import { targetsOf } from './targets.js';
import { Uuid5, uuidBytes } from './uuid5.js';

/** What makes a line of a host one of its kind. */
export const Numbered = schema('numbered', {
  hostname: nullable(text()),
  sequence: nullable(int()),
});

/** Whether ids can be made of what rows of `schema` have of `Numbered`, so that the line need not be asked. */
export function hasNumbered(schema: Schema): boolean {
  const targets = targetsOf(schema);
  return targets.get('hostname')?.place === 'span' && targets.get('sequence')?.place === 'number';
}

/**
 * Makes `{ id }` of a row whose fields lie in a base, cut from bytes [start, end) of its line. The object is the same each time.
 *
 * The UUID is of the name `hostname/sequence/dt` in the namespace HOSTS, or `source/offset/dt` in LINES,
 * with numbers in decimal and dt in milliseconds. A line keeps its id on every replay, and a line that was read
 * from two places too, if its host numbers its lines. No personal field has part in it.
 *
 * @param numbering cuts `Numbered` from a line; null where rows have it, or the format does not
 */
export function identifier(
  schema: Schema,
  numbering: Split | null,
): (base: Base, row: Row<RawLine>, start: number, end: number) => { readonly id: Text } {
  const targets = targetsOf(numbering === null ? schema : Numbered);
  const indexOf = (name: string, place: 'span' | 'number'): number => {
    const target = targets.get(name);
    return target?.place === place ? target.index : -1;
  };
  const hostname = indexOf('hostname', 'span');
  const sequence = indexOf('sequence', 'number');
  const time = targetsOf(schema).get('dt');
  const dt = time?.place === 'number' ? time.index : -1;
  const numberedOf = numbering === null ? null : apart(numbering);
  const name = new Uuid5();
  const made = { id: undefined as unknown as Text };

  return (base, row, start, end) => {
    const numbered = numberedOf === null ? base : numberedOf(row, start, end);
    const { spans } = numbered;
    const hostAt = numbered.spanAt + 2 * hostname;
    const number = sequence < 0 ? NaN : numbered.numbers[numbered.numberAt + sequence];
    if (hostname >= 0 && spans[hostAt] >= 0 && number === number) {
      name.begin(HOSTS);
      name.bytes(numbered.bytes, spans[hostAt], spans[hostAt + 1]);
      name.number(number);
    } else {
      const source = row.$source;
      name.begin(LINES);
      name.bytes(bytesOf(source), startOf(source), endOf(source));
      name.number(row.offset);
    }
    if (dt >= 0) name.number(base.numbers[base.numberAt + dt]);
    made.id = name.finish();
    return made;
  };
}

/** Cuts a line a second time, for `Numbered` alone. A line that has no such number passes, as one of a format without. */
function apart(split: Split): (row: Row<RawLine>, start: number, end: number) => Base {
  const base = lastingBase(Buffer.alloc(0), new Int32Array(2), new Float64Array(1));
  const over = (bytes: Buffer): void => {
    if (base.bytes === bytes) return;
    base.bytes = bytes;
    base.view = viewOf(bytes);
  };
  return ({ line }, start, end) => {
    over(bytesOf(line));
    try {
      const plain = split(base, start, end);
      if (plain !== null) over(bytesOf(plain));
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      base.spans[0] = -1;
    }
    return base;
  };
}

/** Random, and to stay so for ever: ids of stored rows depend on them. */
const HOSTS = uuidBytes('7f0c8a52-5d0e-4e0b-9f0a-3c1b6d2e9a41');
const LINES = uuidBytes('b1e6f2d4-8c37-4a19-a5d2-60f47e9c0d83');
