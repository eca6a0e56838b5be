/**
 * Avro's binary encoding (1.11, "Binary Encoding"): each function writes one value at `at` and
 * returns the end. The caller has made room.
 *
 *     long    zigzag: 2n for n >= 0, else -2n - 1; then base 128, least first, high bit = more follow
 *     double  8 bytes, little-endian          boolean  1 byte
 *     string, bytes   long length, bytes      array    long count, items, long 0
 *     union   long index of the branch
 *
 * @module
 */
import { viewOf } from '../../../topology/rows/base.js';
import { copyBytes, writeText } from '../../../topology/rows/copy.js';
import type { Field } from '../../../topology/rows/field.js';
import { Text, textBase, textEnd, textStart } from '../../../topology/rows/text.js';
import { Output } from '../rows/output.js';

/** The most that a length or a number (54 bits of zigzag) takes, together with the branch of a union. */
export const LONG_BYTES_MAX = 9;

/** A whole number within 2^53. */
export function putLong(bytes: Buffer, at: number, value: number): number {
  if (value >= 0 && value < 0x40000000) return putVarint(bytes, at, value << 1);
  // Zigzag doubles, and an odd number above 2^53 is no double: so the lowest 7 bits go apart.
  const magnitude = value < 0 ? -value - 1 : value;
  const low = (magnitude % 64) * 2 + (value < 0 ? 1 : 0);
  if (magnitude < 64) {
    bytes[at] = low;
    return at + 1;
  }
  bytes[at++] = low | 128;
  let rest = Math.floor(magnitude / 64);
  for (; rest >= 0x80000000; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 128;
  return putVarint(bytes, at, rest);
}

/** A number below 2^31. */
function putVarint(bytes: Buffer, at: number, value: number): number {
  for (; value > 127; value >>>= 7) bytes[at++] = (value & 127) | 128;
  bytes[at] = value;
  return at + 1;
}

/** Bytes [start, end) of `from`, as string or bytes: they look the same. */
export function putSpan(
  bytes: Buffer,
  view: DataView,
  at: number,
  from: DataView,
  start: number,
  end: number,
): number {
  const length = end - start;
  if (length < 64) bytes[at++] = length << 1;
  else at = putVarint(bytes, at, length << 1);
  return copyBytes(view, at, from, start, end);
}

/** A value out of a slot. */
export function putSlot(
  bytes: Buffer,
  view: DataView,
  at: number,
  value: string | Text | Uint8Array,
): number {
  if (typeof value === 'string') return putString(bytes, at, value);
  if (value instanceof Text)
    return putSpan(bytes, view, at, textBase(value).view, textStart(value), textEnd(value));
  return putSpan(bytes, view, at, viewOf(value), 0, value.length);
}

function putString(bytes: Buffer, at: number, text: string): number {
  if (text.length > ONE_BYTE_PREFIX)
    return writeText(bytes, putVarint(bytes, at, Buffer.byteLength(text) << 1), text);
  const end = writeText(bytes, at + 1, text);
  bytes[at] = (end - at - 1) << 1;
  return end;
}

/** Texts this short have at most 63 bytes, whatever is in them: their length is known to take one byte. */
const ONE_BYTE_PREFIX = 21;

/** A list. Not on the hot path. */
export function arrayBytes(items: Field, values: readonly unknown[]): Buffer {
  const out = new Output();
  putArray(out, items, values);
  return out.take();
}

function putArray(out: Output, items: Field, values: readonly unknown[]): void {
  if (values.length > 0) {
    out.at = putLong(out.bytes, out.room(LONG_BYTES_MAX), values.length);
    for (const value of values) putItem(out, items, value);
  }
  out.at = putLong(out.bytes, out.room(LONG_BYTES_MAX), 0);
}

function putItem(out: Output, field: Field, value: unknown): void {
  if (field.nullable) out.at = putLong(out.bytes, out.room(LONG_BYTES_MAX), value === null ? 0 : 1);
  if (value === null && field.nullable) return;
  if (field.type === 'list' && Array.isArray(value)) return putArray(out, field.items!, value);
  out.at = putScalar(out, value, field.type);
}

function putScalar(out: Output, value: unknown, type: Field['type']): number {
  const size =
    typeof value === 'string' ? 3 * value.length : value instanceof Uint8Array ? value.length : 0;
  const at = out.room(LONG_BYTES_MAX + size);
  if (type === 'text' && typeof value === 'string') return putString(out.bytes, at, value);
  if (type === 'bytes' && value instanceof Uint8Array)
    return putSlot(out.bytes, out.view, at, value);
  if (type === 'float' && typeof value === 'number') return out.bytes.writeDoubleLE(value, at);
  if (type === 'flag' && typeof value === 'boolean') return out.bytes.writeUInt8(value ? 1 : 0, at);
  if (Number.isSafeInteger(value)) return putLong(out.bytes, at, value as number);
  throw new TypeError(`A list holds an entry that is no ${type}.`);
}
