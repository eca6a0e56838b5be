/** Gives a request its id. @module */
import type { Row } from '../../topology/rows/row.js';
import type { RawLine } from '../../topology/dsl/raw-line.js';
import type { Base } from '../../topology/rows/base.js';
import { bytesOf, endOf, startOf } from '../../topology/rows/reveal.js';
import type { Schema } from '../../topology/rows/schema.js';
import type { Text } from '../../topology/rows/text.js';
import { targetsOf } from './targets.js';
import { Uuid5, uuidBytes } from './uuid5.js';

/**
 * Makes `{ id }` of a row whose fields lie in a base. The object is the same each time.
 *
 * The UUID is of the name `hostname/sequence/dt` in the namespace HOSTS, or `source/offset/dt` in LINES,
 * with numbers in decimal and dt in milliseconds. A line keeps its id on every replay, and a line that was read
 * from two places too, if its host numbers its lines. No personal field has part in it.
 */
export function identifier(
  schema: Schema,
): (base: Base, row: Row<RawLine>) => { readonly id: Text } {
  const targets = targetsOf(schema);
  const indexOf = (name: string, place: 'span' | 'number'): number => {
    const target = targets.get(name);
    return target?.place === place ? target.index : -1;
  };
  const hostname = indexOf('hostname', 'span');
  const sequence = indexOf('sequence', 'number');
  const dt = indexOf('dt', 'number');
  const name = new Uuid5();
  const made = { id: undefined as unknown as Text };

  return (base, row) => {
    const { spans, numbers } = base;
    const hostAt = base.spanAt + 2 * hostname;
    const number = sequence < 0 ? NaN : numbers[base.numberAt + sequence];
    if (hostname >= 0 && spans[hostAt] >= 0 && number === number) {
      name.begin(HOSTS);
      name.bytes(base.bytes, spans[hostAt], spans[hostAt + 1]);
      name.number(number);
    } else {
      const source = row.$source;
      name.begin(LINES);
      name.bytes(bytesOf(source), startOf(source), endOf(source));
      name.number(row.offset);
    }
    if (dt >= 0) name.number(numbers[base.numberAt + dt]);
    made.id = name.finish();
    return made;
  };
}

/** Random, and to stay so for ever: ids of stored rows depend on them. */
const HOSTS = uuidBytes('7f0c8a52-5d0e-4e0b-9f0a-3c1b6d2e9a41');
const LINES = uuidBytes('b1e6f2d4-8c37-4a19-a5d2-60f47e9c0d83');
