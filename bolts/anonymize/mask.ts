/** Masks addresses and e-mail addresses inside free text. @module */
import { arena } from '../../topology/rows/arena.js';
import { text, type Field } from '../../topology/rows/field.js';
import type { Pii } from '../../topology/rows/pii.js';
import { bytesOf, endOf, startOf, unsealed } from '../../topology/rows/reveal.js';
import type { Text } from '../../topology/rows/text.js';
import { ADDRESS, findAll, isSuspicious } from './find.js';
import { isNothing, type Rule, type RuledField } from './rule.js';

/**
 * Writes `[ip]` and `[email]` in the place of what `find.ts` finds, and keeps the rest. Names, numbers and whatever
 * else a person writes stay: for text of which no more is to be feared.
 *
 * @example
 * anonymize(Problem, { message: mask() }); // 'no route to 192.0.2.1' becomes 'no route to [ip]'
 */
export function mask(): Rule<'free_text', Field<string>> {
  return {
    method: 'text.mask',
    parameters: {},
    reads: ['text'],
    emits: text(),
    compile: (field) => (value) => (value === null ? null : masked(value, field)),
  };
}

function masked(value: Pii, field: RuledField): Text | null {
  const bytes = bytesOf(value);
  const start = startOf(value);
  const end = endOf(value);
  if (field.nullable && isNothing(bytes, start, end)) return null;
  return isSuspicious(bytes, start, end) ? written(bytes, start, end) : unsealed(value);
}

function written(bytes: Uint8Array, start: number, end: number): Text {
  const marks = findAll(bytes, start, end);
  const length = end - start;
  const from = arena.reserve(GROWTH_MAX * length);
  let at = from;
  for (let i = 0; i < length;) {
    if (marks[i] === 0) {
      arena.bytes[at++] = bytes[start + i++];
      continue;
    }
    let what = 0;
    for (; i < length && marks[i] !== 0; i++) what = Math.max(what, marks[i]);
    at = writeMask(what, at);
  }
  return arena.take(from, at);
}

/** Writes what stands for an address or e-mail address at `at` of the arena; returns the end. */
export function writeMask(what: number, at: number): number {
  const mask = what === ADDRESS ? ADDRESS_MASK : EMAIL_MASK;
  arena.bytes.set(mask, at);
  return at + mask.length;
}

/** A text grows at most so many times: from `::` to `[ip]`. */
export const GROWTH_MAX = 2;

const ADDRESS_MASK = Buffer.from('[ip]');
const EMAIL_MASK = Buffer.from('[email]');
