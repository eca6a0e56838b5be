/** Keeps URL paths, without the addresses and e-mail addresses in them. @module */
import { arena } from '../../topology/rows/arena.js';
import { text, type Field } from '../../topology/rows/field.js';
import type { Pii } from '../../topology/rows/pii.js';
import { bytesOf, endOf, startOf, unsealed } from '../../topology/rows/reveal.js';
import type { Text } from '../../topology/rows/text.js';
import { found, isSuspicious } from './find.js';
import { GROWTH_MAX, writeMask } from './mask.js';
import { isNothing, type Rule, type RuledField } from './rule.js';

/**
 * A segment that holds an address becomes `[ip]`, one that holds an e-mail address `[email]`, however it is
 * percent-encoded; the others keep their encoding. A query string or fragment is cut off: `query` is for those.
 *
 * @example
 * anonymize(Request, { uri_path: path() }); // '/whois/192.0.2.1' becomes '/whois/[ip]'
 */
export function path(): Rule<'url', Field<string>> {
  return {
    method: 'uri.path',
    parameters: {},
    reads: ['text'],
    emits: text(),
    compile: (field) => (value) => (value === null ? null : cleaned(value, field)),
  };
}

function cleaned(value: Pii, field: RuledField): Text | null {
  const bytes = bytesOf(value);
  const start = startOf(value);
  if (field.nullable && isNothing(bytes, start, endOf(value))) return null;
  const end = pathEnd(bytes, start, endOf(value));
  return isSuspicious(bytes, start, end) ? written(bytes, start, end) : unsealed(value, end);
}

function pathEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) if (bytes[i] === QUESTION || bytes[i] === HASH) return i;
  return end;
}

function written(bytes: Uint8Array, start: number, end: number): Text {
  const from = arena.reserve(GROWTH_MAX * (end - start));
  let at = from;
  for (let i = start; i < end; i++) {
    const segment = i;
    while (i < end && bytes[i] !== SLASH) i++;
    const what = found(bytes, segment, i);
    if (what > 0) at = writeMask(what, at);
    else for (let s = segment; s < i; s++) arena.bytes[at++] = bytes[s];
    if (i < end) arena.bytes[at++] = SLASH;
  }
  return arena.take(from, at);
}

const HASH = 35;
const SLASH = 47;
const QUESTION = 63;
