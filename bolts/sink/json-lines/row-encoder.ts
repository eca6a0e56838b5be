/**
 * Rows as JSON, one a line (jsonlines.org): fields in the order of the schema, times as ISO 8601 in
 * UTC, bytes as base64.
 *
 * @module
 */
import type { Schema } from '../../../topology/rows/schema.js';
import { rowEncoder, type Notation, type RowEncoder } from '../rows/row-encoder.js';
import {
  arrayBytes,
  ESCAPED_BYTES_MAX,
  putBytes,
  putNumber,
  putSlot,
  putText,
  putTime,
  VALUE_BYTES_MAX,
} from './encoding.js';

/** Finds the encoder of a row of `schema`. */
export const jsonEncoder = (schema: Schema): ((row: object) => RowEncoder) =>
  rowEncoder(schema, JSON_LINES);

const JSON_LINES: Notation = {
  scope: { putBytes, putNumber, putSlot, putText, putTime },
  begin: literal('{'),
  end: literal('}\n'),
  before: (name, i) => literal(keyText(name, i)),
  none: literal('null'),
  some: '',
  span: (type, start, end) =>
    type === 'bytes'
      ? `d = putBytes(b, d, src.subarray(${start}, ${end}));`
      : `d = putText(b, v, d, sv, ${start}, ${end});`,
  slot: (type, value) =>
    type === 'bytes' ? `d = putBytes(b, d, ${value});` : `d = putSlot(b, v, d, ${value});`,
  number(type, value) {
    if (type === 'flag') return `if (${value}) { ${literal('true')} } else { ${literal('false')} }`;
    return type === 'time' ? `d = putTime(b, d, ${value});` : `d = putNumber(b, d, ${value});`;
  },
  list: arrayBytes,
  fieldBytesMax: (name) => Buffer.byteLength(keyText(name, 1)) + VALUE_BYTES_MAX,
  growth: ESCAPED_BYTES_MAX,
};

const keyText = (name: string, i: number): string =>
  `${i === 0 ? '' : ','}${JSON.stringify(name)}:`;

/** Code that writes a constant, four bytes at a time. */
function literal(text: string): string {
  const bytes = Buffer.from(text);
  let code = '';
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4)
    code += `v.setInt32(d + ${at}, ${bytes.readInt32LE(at)}, true); `;
  for (; at < bytes.length; at++) code += `b[d + ${at}] = ${bytes[at]}; `;
  return `${code}d += ${bytes.length};`;
}
