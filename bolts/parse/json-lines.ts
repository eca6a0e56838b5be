/**
 * Finds a schema's fields in lines that are flat JSON objects, as varnishkafka and `varnishncsa -j` write them.
 *
 * Keys may come in any order, the last of equal ones wins; unknown keys and nested values are read
 * over. Numbers are taken from strings as well (`"http_status":"200"`). `""` and `"-"` are null.
 *
 * @module
 */
import type { Base } from '../../topology/rows/base.js';
import { placesOf, type Schema } from '../../topology/rows/schema.js';
import { reject } from '../../topology/dsl/reject.js';
import { JsonKeys } from './json-keys.js';
import { malformed, nestedEnd, QUOTE, scalarEnd, skipBlanks, stringEnd } from './json-scan.js';
import { readFloat, readInt } from './numbers.js';
import { rewritten, unescapeJson } from './rewrite.js';
import { DASH, seen } from './scan.js';
import type { Split } from './splitter.js';
import { checkTargets, PATH, targetsOf, type Target } from './targets.js';
import { readTime } from './time.js';

/** Where the value of a key goes. */
export interface JsonField {
  readonly key: string;
  readonly field: string;
  /** Milliseconds in what a time counts when it is a bare number. */
  readonly unitMs: number;
}

/** Where a value goes, and how. */
type Wanted = Target & Pick<JsonField, 'unitMs'>;

/**
 * @param keys fields that the schema lacks are read over
 * @param computed fields of `schema` that are not in the bytes
 * @throws Error when the schema has a field that is neither
 */
export function jsonSplitter(
  keys: readonly JsonField[],
  schema: Schema,
  computed: ReadonlySet<string>,
): Split {
  const targets = targetsOf(schema);
  const offered = keys.map(({ field }) => field);
  const filled = offered.filter((name) => targets.has(name) && !computed.has(name));
  checkTargets(schema, filled, offered, computed);
  const wanted = keys
    .filter(({ field }) => filled.includes(field))
    .map(({ key, field, unitMs }) => [key, { ...targets.get(field)!, unitMs }] as const);
  const known = new JsonKeys<Wanted>(new Map(wanted));
  const { spans, numbers } = placesOf(schema);
  const escapable = spans.map(() => true);
  const required = [...targets.values()].filter(
    ({ name, field }) => filled.includes(name) && (!field.nullable || name === PATH),
  );

  return (base, start, end) => {
    base.lineStart = start;
    base.lineEnd = end;
    for (let i = 0; i < spans.length; i++) base.spans[base.spanAt + 2 * i] = -1;
    for (let i = 0; i < numbers.length; i++) base.numbers[base.numberAt + i] = NaN;
    const escapes = readObject(base, start, end, known);
    for (const target of required) {
      if (isNull(base, target))
        reject(target.name === PATH ? 'request line: missing' : `${target.name}: missing`);
    }
    return escapes ? rewritten(base, escapable, unescapeJson) : null;
  };
}

/** Returns whether a value has escapes. */
function readObject(base: Base, start: number, end: number, keys: JsonKeys<Wanted>): boolean {
  const { bytes, view } = base;
  let escapes = false;
  let at = skipBlanks(bytes, start, end);
  if (at === end || bytes[at] !== OPEN) malformed();
  at = skipBlanks(bytes, at + 1, end);
  const empty = at < end && bytes[at] === CLOSE;
  for (let place = 0; !empty; place++) {
    if (at >= end || bytes[at] !== QUOTE) malformed();
    const target = keys.read(place, bytes, view, at + 1, end);
    at = skipBlanks(bytes, keys.end, end);
    if (at >= end || bytes[at] !== COLON) malformed();
    at = skipBlanks(bytes, at + 1, end);
    if (at >= end) malformed();
    seen.backslash = false;
    const valueEnd = readValue(base, at, end, target);
    if (seen.backslash && target !== undefined) escapes = true;
    at = skipBlanks(bytes, valueEnd, end);
    if (at >= end || bytes[at] !== COMMA) break;
    at = skipBlanks(bytes, at + 1, end);
  }
  if (at >= end || bytes[at] !== CLOSE || skipBlanks(bytes, at + 1, end) !== end) malformed();
  return escapes;
}

/** Puts the value at `at` where it belongs and returns where it ends. */
function readValue(base: Base, at: number, end: number, target: Wanted | undefined): number {
  const { bytes, view } = base;
  const first = bytes[at];
  if (first === QUOTE) {
    const last = stringEnd(bytes, view, at + 1, end);
    if (target !== undefined) put(base, target, at + 1, last);
    return last + 1;
  }
  const nested = first === OPEN || first === OPEN_LIST;
  const last = nested ? nestedEnd(bytes, view, at, end) : scalarEnd(bytes, at, end);
  if (target === undefined) return last;
  if (nested || first === LETTER_N) setNull(base, target);
  else put(base, target, at, last);
  return last;
}

function put(base: Base, target: Wanted, start: number, end: number): void {
  const { bytes } = base;
  if (end - start < 2 && (start === end || bytes[start] === DASH)) return setNull(base, target);
  const { name, field, place, index, unitMs } = target;
  if (place === 'span') {
    base.spans[base.spanAt + 2 * index] = start;
    base.spans[base.spanAt + 2 * index + 1] = end;
    return;
  }
  const value =
    field.type === 'time'
      ? readTime(bytes, base.view, start, end, unitMs)
      : readNumber(bytes, start, end, field.type === 'int');
  if (value !== value) reject(`${name}: not a ${field.type === 'time' ? 'time' : 'number'}`);
  base.numbers[base.numberAt + index] = value;
}

/** A whole number may be written `1e3`. */
function readNumber(bytes: Buffer, start: number, end: number, whole: boolean): number {
  if (!whole) return readFloat(bytes, start, end);
  const value = readInt(bytes, start, end);
  if (value === value) return value;
  const float = readFloat(bytes, start, end);
  return Number.isSafeInteger(float) ? float : NaN;
}

function setNull(base: Base, { place, index }: Target): void {
  if (place === 'span') base.spans[base.spanAt + 2 * index] = -1;
  else base.numbers[base.numberAt + index] = NaN;
}

const isNull = (base: Base, { place, index }: Target): boolean =>
  place === 'span'
    ? base.spans[base.spanAt + 2 * index] < 0
    : Number.isNaN(base.numbers[base.numberAt + index]);

const OPEN = 123;
const CLOSE = 125;
const OPEN_LIST = 91;
const COLON = 58;
const COMMA = 44;
const LETTER_N = 110;
