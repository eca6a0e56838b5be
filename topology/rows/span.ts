/** Values of spans. The start and end are absolute in `base.bytes`. @module */
import { isAscii } from 'node:buffer';
import { lastingBase, type Base } from './base.js';
import { Text } from './text.js';

/** Beyond this, decoding a whole row for one field costs more than it saves. */
const LINE_BYTES_MAX = 4096;

/**
 * The text of a span. The first text read of an ASCII row decodes the whole row once (90 ns), the
 * others are substrings: where many fields are read that is 0.88 µs a row against 1.40.
 */
export function decoded(base: Base, start: number, end: number): string {
  if (!base.asciiKnown) look(base);
  if (!base.ascii) return base.bytes.utf8Slice(start, end);
  const { lineStart, lineEnd } = base;
  if (start < lineStart || end > lineEnd || lineEnd - lineStart > LINE_BYTES_MAX) {
    return base.bytes.latin1Slice(start, end);
  }
  if (base.line === null) base.line = base.bytes.latin1Slice(lineStart, lineEnd);
  return base.line.substring(start - lineStart, end - lineStart);
}

function look(base: Base): void {
  base.ascii = isAscii(base.bytes.subarray(base.lineStart, base.lineEnd));
  base.asciiKnown = true;
}

export const undecoded = (base: Base, start: number, end: number): Text =>
  new Text(base, start, end);

export const bytesOfSpan = (base: Base, start: number, end: number): Uint8Array =>
  new Uint8Array(base.bytes.subarray(start, end));

/** A slot's text as a `Text`. */
export function textOf(value: string | Text | null): Text | null {
  if (typeof value !== 'string') return value;
  const bytes = Buffer.from(value);
  return new Text(lastingBase(bytes), 0, bytes.length);
}
