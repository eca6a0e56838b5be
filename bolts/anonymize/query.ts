/** Keeps the parameters of a query string that are allowed by name. @module */
import { arena } from '../../topology/rows/arena.js';
import { nullable, text, type Field } from '../../topology/rows/field.js';
import type { Pii } from '../../topology/rows/pii.js';
import { bytesOf, endOf, startOf } from '../../topology/rows/reveal.js';
import type { Text } from '../../topology/rows/text.js';
import { found } from './find.js';
import { writeMask } from './mask.js';
import { escapedByte, percentEncode } from './percent.js';
import { isNothing, type Rule } from './rule.js';

/**
 * Values stay percent-encoded as they came; one that holds an address becomes `[ip]`, one that holds an
 * e-mail address `[email]`. A leading `?` stays; null when no parameter is left.
 *
 * @param allow names, decoded
 * @throws Error when a name is empty or looks encoded
 *
 * @example
 * anonymize(Request, { uri_query: query(['action', 'title']) }); // '?title=A&token=x' becomes '?title=A'
 */
export function query(allow: readonly string[]): Rule<'url', Field<string | null>> {
  const names = allow.map(allowed);
  return {
    method: 'uri.query',
    parameters: { allow: [...allow] },
    reads: ['text'],
    emits: nullable(text()),
    compile: () => (value) => (value === null ? null : kept(value, names)),
  };
}

interface Name {
  readonly decoded: Uint8Array;
  /** The one spelling in which it leaves. */
  readonly encoded: Uint8Array;
}

function allowed(name: string): Name {
  if (name !== '' && !name.includes('%'))
    return { decoded: Buffer.from(name), encoded: Buffer.from(percentEncode(name)) };
  throw new Error(
    `query: ${JSON.stringify(name)} is no name of a parameter. Write it decoded, as the server reads it.`,
  );
}

function kept(value: Pii, names: readonly Name[]): Text | null {
  const bytes = bytesOf(value);
  let start = startOf(value);
  if (isNothing(bytes, start, endOf(value))) return null;
  const end = before(HASH, bytes, start, endOf(value));
  const from = arena.reserve(GROWTH_MAX * (end - start));
  let at = from;
  if (bytes[start] === QUESTION && start < end) arena.bytes[at++] = bytes[start++];
  const first = at;
  for (let i = start; i < end; i++) {
    const begin = i;
    while (i < end && bytes[i] !== AMPERSAND && bytes[i] !== SEMICOLON) i++;
    const equals = before(EQUALS, bytes, begin, i);
    const name = nameOf(bytes, begin, equals, names);
    if (name === undefined) continue;
    if (at > first) arena.bytes[at++] = AMPERSAND;
    at = write(name.encoded, 0, name.encoded.length, at);
    if (equals < i) at = writeValue(bytes, equals, i, at);
  }
  return at === first ? null : arena.take(from, at);
}

function nameOf(
  bytes: Uint8Array,
  start: number,
  end: number,
  names: readonly Name[],
): Name | undefined {
  for (const name of names) if (isNamed(bytes, start, end, name.decoded)) return name;
  return undefined;
}

/** Whether bytes [start, end) are this name, percent-encoded or with `+` for blanks. */
function isNamed(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  let at = start;
  for (let i = 0; i < name.length; i++, at++) {
    if (at >= end) return false;
    const escaped = bytes[at] === PERCENT ? escapedByte(bytes, at, end) : -1;
    if ((escaped >= 0 ? escaped : bytes[at] === PLUS ? BLANK : bytes[at]) !== name[i]) return false;
    if (escaped >= 0) at += 2;
  }
  return at === end;
}

/** Writes the `=` at `start` and the value behind it; returns the end. */
function writeValue(bytes: Uint8Array, start: number, end: number, at: number): number {
  arena.bytes[at++] = EQUALS;
  const what = found(bytes, start + 1, end);
  return what > 0 ? writeMask(what, at) : write(bytes, start + 1, end, at);
}

/** Names and values are short: a loop is faster than a call into native code. */
function write(bytes: Uint8Array, start: number, end: number, at: number): number {
  const to = arena.bytes;
  for (let i = start; i < end; i++) to[at++] = bytes[i];
  return at;
}

/** Where `byte` is first in [start, end), or `end`. */
function before(byte: number, bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) if (bytes[i] === byte) return i;
  return end;
}

/** A raw byte of a name may become an escape of three. */
const GROWTH_MAX = 3;

const BLANK = 32;
const HASH = 35;
const PERCENT = 37;
const AMPERSAND = 38;
const PLUS = 43;
const SEMICOLON = 59;
const EQUALS = 61;
const QUESTION = 63;
