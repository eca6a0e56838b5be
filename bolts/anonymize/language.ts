/** Reduces Accept-Language to one language. @module */
import { arena } from '../../topology/rows/arena.js';
import { nullable, text, type Field } from '../../topology/rows/field.js';
import type { Pii } from '../../topology/rows/pii.js';
import { bytesOf, endOf, startOf } from '../../topology/rows/reveal.js';
import type { Text } from '../../topology/rows/text.js';
import type { Rule } from './rule.js';

/**
 * The language subtag (RFC 5646: two to eight letters) of the first range of an Accept-Language header, in lower case: `en`
 * for `en-GB,fr;q=0.8`. Null when there is none.
 *
 * @example
 * anonymize(Request, { accept_language: primaryLanguage() });
 */
export function primaryLanguage(): Rule<'language', Field<string | null>> {
  return {
    method: 'language.primary',
    parameters: {},
    reads: ['text'],
    emits: nullable(text()),
    compile: () => (value) => (value === null ? null : primary(value)),
  };
}

function primary(value: Pii): Text | null {
  const bytes = bytesOf(value);
  const end = endOf(value);
  let i = startOf(value);
  while (i < end && bytes[i] === BLANK) i++;
  const from = arena.reserve(LETTERS_MAX);
  let at = from;
  for (; i < end && isLetter(bytes[i]); i++) {
    if (at - from === LETTERS_MAX) return null;
    arena.bytes[at++] = bytes[i] | 32;
  }
  return at - from > 1 && (i === end || isDelimiter(bytes[i])) ? arena.take(from, at) : null;
}

const isLetter = (byte: number): boolean => (byte | 32) >= 97 && (byte | 32) <= 122;

/** `-` and, as some clients write it, `_` before a region; `,` and `;` behind the range; or a blank. */
const isDelimiter = (byte: number): boolean =>
  byte === 45 || byte === 95 || byte === 44 || byte === 59 || byte === BLANK;

const BLANK = 32;
const LETTERS_MAX = 8;
