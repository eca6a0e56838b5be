/**
 * JSON values (RFC 8259) as bytes: each function writes one value at `at` and returns the end. The
 * caller has made room.
 *
 * @module
 */
import { writeText } from '../../../topology/rows/copy.js';
import type { Field } from '../../../topology/rows/field.js';
import { Text, textBase, textEnd, textStart } from '../../../topology/rows/text.js';

/** The most that a number or a time takes, and the quotes of a text. */
export const VALUE_BYTES_MAX = 32;

/** The most that one byte of text becomes: `\u001f`. */
export const ESCAPED_BYTES_MAX = 6;

/**
 * UTF-8 [start, end) of `source` as a string. Four bytes at a time, looked at and copied in one go:
 * 0.7 µs for a row of 16 fields and 456 bytes, against 1.25 byte by byte.
 */
export function putText(
  bytes: Buffer,
  view: DataView,
  at: number,
  source: DataView,
  start: number,
  end: number,
): number {
  bytes[at++] = QUOTE;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const word = source.getInt32(i, true);
    if (hasSpecial(word)) at = putEscaped(bytes, at, source, i, i + 4);
    else {
      view.setInt32(at, word, true);
      at += 4;
    }
  }
  at = putEscaped(bytes, at, source, i, end);
  bytes[at] = QUOTE;
  return at + 1;
}

/** Whether a byte of four is below 0x20, a quote or a backslash; may be wrong about bytes of multi-byte characters, and then only slow. */
function hasSpecial(word: number): boolean {
  const quotes = word ^ 0x22222222;
  const backslashes = word ^ 0x5c5c5c5c;
  const found =
    ((word - 0x20202020) & ~word) |
    ((quotes - 0x01010101) & ~quotes) |
    ((backslashes - 0x01010101) & ~backslashes);
  return (found & 0x80808080) !== 0;
}

function putEscaped(
  bytes: Buffer,
  at: number,
  source: DataView,
  start: number,
  end: number,
): number {
  for (let i = start; i < end; i++) {
    const byte = source.getUint8(i);
    if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) bytes[at++] = byte;
    else at += bytes.latin1Write(ESCAPED[byte]!, at);
  }
  return at;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const ESCAPED = Array.from({ length: BACKSLASH + 1 }, (_, byte) =>
  JSON.stringify(String.fromCharCode(byte)).slice(1, -1),
);

/** A text out of a slot. */
export function putSlot(bytes: Buffer, view: DataView, at: number, value: string | Text): number {
  if (typeof value === 'string') return writeText(bytes, at, JSON.stringify(value));
  const base = textBase(value);
  return putText(bytes, view, at, base.view, textStart(value), textEnd(value));
}

/** An int or float. JSON's numbers are JavaScript's. */
export const putNumber = (bytes: Buffer, at: number, value: number): number =>
  at + bytes.latin1Write(String(value), at);

/** A time, as ISO 8601 in UTC. @throws RangeError beyond the years ±271821, which ISO 8601 cannot write */
export const putTime = (bytes: Buffer, at: number, ms: number): number =>
  putAscii(bytes, at, isoTime(ms));

/** Bytes, as base64 (RFC 4648). */
export const putBytes = (bytes: Buffer, at: number, value: Uint8Array): number =>
  putAscii(bytes, at, base64(value));

/** A list, not on the hot path. */
export const arrayBytes = (items: Field, values: readonly unknown[]): Buffer =>
  Buffer.from(JSON.stringify(values.map((value) => plain(items, value))));

function plain(field: Field, value: unknown): unknown {
  if (field.type === 'time' && typeof value === 'number') return isoTime(value);
  if (field.type === 'bytes' && value instanceof Uint8Array) return base64(value);
  return field.type === 'list' && Array.isArray(value)
    ? value.map((item) => plain(field.items!, item))
    : value;
}

const isoTime = (ms: number): string => new Date(ms).toISOString();

const base64 = (value: Uint8Array): string =>
  Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');

/** Without anything to escape. */
function putAscii(bytes: Buffer, at: number, text: string): number {
  bytes[at] = QUOTE;
  const end = at + 1 + bytes.latin1Write(text, at + 1);
  bytes[end] = QUOTE;
  return end + 1;
}
