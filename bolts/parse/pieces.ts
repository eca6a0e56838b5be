/**
 * Turns the items of a format into what a reader follows: for each value the text before it, and
 * what to cut it into.
 *
 * Some directives make one value together: `http://%{Host}i%U%q` is a URL, `%{%FT%T}t.%{usec_frac}t`
 * a time. Any other two without text between them cannot be told apart, and are refused.
 *
 * @module
 */
import { timeUnitMs } from './time-format.js';
import type { Directive } from './format.js';

/** How a value is read. An empty field name drops that part. */
export type Reading =
  | { readonly as: 'field'; readonly field: string; readonly unitMs: number }
  | {
      readonly as: 'url';
      readonly host: string;
      readonly path: string;
      readonly query: string;
      /** It begins with the host, not with a scheme. */
      readonly hostFirst: boolean;
    }
  | {
      readonly as: 'request';
      readonly method: string;
      readonly host: string;
      readonly path: string;
      readonly query: string;
    };

/** The fields that a value is cut into, in their order in a line; an empty name where one is dropped. */
export function fieldsOf(reading: Reading): string[] {
  if (reading.as === 'field') return [reading.field];
  const { host, path, query } = reading;
  return reading.as === 'url' ? [host, path, query] : [reading.method, host, path, query];
}

export interface Piece {
  /** The text before the value. */
  readonly before: string;
  /** The directives, as they stand in the format. */
  readonly source: string;
  readonly reading: Reading;
  /** Fields that the format names by `@`. */
  readonly named: readonly string[];
  /** The value may hold `\"`, `\\` and `\xhh`. */
  readonly escape: boolean;
}

export interface Pieces {
  readonly pieces: readonly Piece[];
  /** The text behind the last value. */
  readonly tail: string;
}

/** @throws Error that names the directives, when two cannot be told apart or one cannot be read */
export function piecesOf(items: readonly (string | Directive)[]): Pieces {
  const pieces: Piece[] = [];
  const fields = new Set(items.flatMap((item) => (typeof item === 'string' ? [] : [item.field])));
  let before = '';
  for (let i = 0; i < items.length;) {
    const item = items[i]!;
    if (typeof item === 'string') {
      before = item;
      i++;
      continue;
    }
    if (before === '' && pieces.length > 0) ambiguous(pieces.at(-1)!.source, item.source);
    const { length, reading, stripped } = readingAt(items, i, before, fields);
    const used = items.slice(i, i + length).filter((part) => typeof part !== 'string');
    pieces.push({
      before: before.slice(0, before.length - stripped),
      source: items
        .slice(i, i + length)
        .map((part) => (typeof part === 'string' ? part : part.source))
        .join(''),
      reading,
      named: used.filter(({ named, field }) => named && field !== '').map(({ field }) => field),
      escape: used.some(({ escape }) => escape),
    });
    i += length;
    before = '';
  }
  return { pieces, tail: typeof items.at(-1) === 'string' ? before : '' };
}

interface Found {
  /** How many items make the value. */
  readonly length: number;
  readonly reading: Reading;
  /** How much of the text before belongs to the value. */
  readonly stripped: number;
}

type Items = readonly (string | Directive)[];

function readingAt(items: Items, i: number, before: string, fields: ReadonlySet<string>): Found {
  const item = items[i] as Directive;
  if (item.letter === 't') return timeAt(items, i, item);
  if (item.letter === 'r' && !item.named)
    return { length: 1, reading: requestLine(fields), stripped: 0 };
  const reading = { as: 'field', field: item.field, unitMs: 0 } as const;
  return urlAt(items, i, before) ?? { length: 1, reading, stripped: 0 };
}

/** A time, and `.%{usec_frac}t` behind it, which is part of it. */
function timeAt(items: Items, i: number, item: Directive): Found {
  const unitMs = timeUnitMs(item.variable);
  if (unitMs === undefined && item.field !== '' && !/^[mu]sec_frac$/.test(item.variable)) {
    throw new Error(
      `parse: times written as ${item.source} cannot be read. Write %t, %{%FT%T}t, %{sec}t, %{msec}t or %{usec}t; %{@}t reads over it.`,
    );
  }
  const [dot, fraction] = [items[i + 1], items[i + 2]];
  const whole =
    dot === '.' && typeof fraction === 'object' && /^[mu]sec_frac$/.test(fraction.variable);
  const field = unitMs === undefined ? '' : item.field;
  return {
    length: whole ? 3 : 1,
    reading: { as: 'field', field, unitMs: unitMs ?? 0 },
    stripped: 0,
  };
}

/** What other directives fill is theirs. */
function requestLine(fields: ReadonlySet<string>): Reading {
  const part = (field: string): string => (fields.has(field) ? '' : field);
  return {
    as: 'request',
    method: part('http_method'),
    host: part('uri_host'),
    path: part('uri_path'),
    query: part('uri_query'),
  };
}

function urlAt(items: Items, i: number, before: string): Found | undefined {
  const parts: (Directive | undefined)[] = [];
  let length = 0;
  for (const isPart of [isHost, isLetter('U'), isLetter('q')]) {
    const item = items[i + length];
    const fits = typeof item === 'object' && isPart(item);
    parts.push(fits ? item : undefined);
    if (fits) length++;
  }
  if (length < 2) return undefined;
  const [host = '', path = '', query = ''] = parts.map((part) => part?.field);
  const stripped = parts[0] === undefined ? 0 : (/https?:\/\/$/.exec(before)?.[0].length ?? 0);
  return {
    length,
    reading: { as: 'url', host, path, query, hostFirst: parts[0] !== undefined && stripped === 0 },
    stripped,
  };
}

const isHost = ({ letter, variable }: Directive): boolean =>
  letter === 'v' || letter === 'V' || (letter === 'i' && variable.toLowerCase() === 'host');
const isLetter =
  (wanted: string) =>
  ({ letter }: Directive): boolean =>
    letter === wanted;

function ambiguous(first: string, second: string): never {
  throw new Error(
    `parse: in the format nothing stands between ${first} and ${second}, so where one ends cannot be known. Put a separator between them.`,
  );
}
