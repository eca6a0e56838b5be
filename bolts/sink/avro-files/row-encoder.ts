/**
 * Rows in Avro's binary encoding.
 *
 * Our own writer and not avsc's: a field that nobody decoded goes from the source's bytes to the
 * block's in one copy (0.3 µs for a row of 16 fields and 456 bytes).
 *
 * @module
 */
import type { Schema } from '../../../topology/rows/schema.js';
import { rowEncoder, type Notation, type RowEncoder } from '../rows/row-encoder.js';
import { arrayBytes, LONG_BYTES_MAX, putLong, putSlot, putSpan } from './encoding.js';

/** Finds the encoder of a row of `schema`. */
export const avroEncoder = (schema: Schema): ((row: object) => RowEncoder) =>
  rowEncoder(schema, AVRO);

const AVRO: Notation = {
  scope: { putLong, putSlot, putSpan },
  begin: '',
  end: '',
  before: () => '',
  none: 'b[d++] = 0;',
  some: 'b[d++] = 2;',
  span: (_type, start, end) => `d = putSpan(b, v, d, sv, ${start}, ${end});`,
  slot: (_type, value) => `d = putSlot(b, v, d, ${value});`,
  number(type, value) {
    if (type === 'float') return `v.setFloat64(d, ${value}, true); d += 8;`;
    return type === 'flag' ? `b[d++] = ${value} ? 1 : 0;` : `d = putLong(b, d, ${value});`;
  },
  list: arrayBytes,
  fieldBytesMax: () => LONG_BYTES_MAX,
  growth: 1,
};
