/**
 * Puts the values of a line that came with escapes in plain, in the arena. Rows are cut from one
 * piece of memory, so the other values of the line move along; this happens to few lines.
 *
 * @module
 */
import { isUtf8 } from 'node:buffer';
import { arena } from '../../topology/rows/arena.js';
import type { Base } from '../../topology/rows/base.js';
import { copyBytes } from '../../topology/rows/copy.js';
import type { Text } from '../../topology/rows/text.js';

/** Writes bytes [start, end) of `from` in plain at `at` of `to`, in no more bytes, and returns the end there. It is undone when that is not UTF-8 or holds a NUL. */
export type Unescape = (from: Buffer, start: number, end: number, to: Buffer, at: number) => number;

/**
 * Moves the values of `base` into a text of the arena, which is to be the base's memory from here on.
 *
 * @param escapable by span field: whether it may hold escapes
 */
export function rewritten(base: Base, escapable: readonly boolean[], unescape: Unescape): Text {
  const { bytes, view, spans, spanAt } = base;
  const first = arena.reserve(totalLength(base, escapable.length));
  let at = first;
  for (let i = 0; i < escapable.length; i++) {
    const place = spanAt + 2 * i;
    const start = spans[place];
    const end = spans[place + 1];
    if (start < 0) continue;
    const from = at;
    if (escapable[i]) at = unescape(bytes, start, end, arena.bytes, from);
    const plain = escapable[i] && isText(arena.bytes, from, at);
    if (!plain) at = copyBytes(arena.view, from, view, start, end);
    spans[place] = from;
    spans[place + 1] = at;
  }
  base.lineStart = first;
  base.lineEnd = at;
  return arena.take(first, at);
}

function totalLength({ spans, spanAt }: Base, count: number): number {
  let length = 0;
  for (let at = spanAt; at < spanAt + 2 * count; at += 2)
    if (spans[at] >= 0) length += spans[at + 1] - spans[at];
  return length;
}

function isText(bytes: Buffer, start: number, end: number): boolean {
  const value = bytes.subarray(start, end);
  return isUtf8(value) && !value.includes(0);
}

/** The escapes of varnishncsa and Apache: `\"`, `\\`, `\xhh`, `\b`, `\n`, `\r`, `\t`, `\v`. Others stay as they are. */
export const unescapeLog: Unescape = (from, start, end, to, at) => {
  for (let i = start; i < end; i++) {
    let byte = from[i];
    if (byte === BACKSLASH && i + 1 < end) {
      const letter = from[i + 1];
      const value = letter === LETTER_X ? hexByte(from, i + 2, end) : (SHORT[letter] ?? -1);
      if (value >= 0) {
        byte = value;
        i += letter === LETTER_X ? 3 : 1;
      }
    }
    to[at++] = byte;
  }
  return at;
};

/** The escapes of JSON strings (RFC 8259). What is no JSON string stays as it is. */
export const unescapeJson: Unescape = (from, start, end, to, at) => {
  const text = from.utf8Slice(start, end);
  return text.includes('\\')
    ? at + to.utf8Write(JSON.parse(`"${text}"`) as string, at)
    : at + from.copy(to, at, start, end);
};

function hexByte(bytes: Buffer, at: number, end: number): number {
  const text = at + 2 <= end ? bytes.latin1Slice(at, at + 2) : '';
  return /^[0-9a-f]{2}$/i.test(text) ? parseInt(text, 16) : -1;
}

const BACKSLASH = 92;
const LETTER_X = 120;
const SHORT: { readonly [letter: number]: number } = {
  34: 34,
  92: 92,
  98: 8,
  110: 10,
  114: 13,
  116: 9,
  118: 11,
};
