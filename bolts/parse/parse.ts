/**
 * Cuts log lines into requests.
 *
 * Nothing is decoded or copied: the fields of a row that leaves are spans of the line that came
 * in, found by code that is generated for the format. What is bad is rejected with a reason, its bytes
 * untouched.
 *
 * @module
 */
import { isUtf8 } from 'node:buffer';
import { bolt, type Bolt } from '../../topology/dsl/bolt.js';
import { declassify, derive, type Origin } from '../../topology/dsl/lineage.js';
import { RawLine } from '../../topology/dsl/raw-line.js';
import { reject } from '../../topology/dsl/reject.js';
import type { Base } from '../../topology/rows/base.js';
import { CUT, OVER } from '../../topology/rows/cutting.js';
import type { Field } from '../../topology/rows/field.js';
import { endOf, startOf } from '../../topology/rows/reveal.js';
import type { Schema } from '../../topology/rows/schema.js';
import { parseFormat } from './format.js';
import { hasNumbered, identifier, Numbered } from './identifier.js';
import { jsonPieces } from './json-format.js';
import { jsonSplitter, type JsonField } from './json-lines.js';
import { JSON_LINES, namedFormat } from './named.js';
import { personalFields } from './personal.js';
import { fieldsOf, piecesOf, type Piece } from './pieces.js';
import { Request } from './request.js';
import { isAsciiAt } from './scan.js';
import { refuseUnknown, splitter, type Split } from './splitter.js';

export type FormatName =
  | 'udp2log'
  | 'varnishncsa'
  | 'apache-combined'
  | 'apache-common'
  | 'varnishkafka-json';

export interface ParseOptions {
  /** A name, or a format string of varnishncsa or Apache: `%h\t%t\t"%r"`. The guide (`docs/guide/parsing.md`) says what each directive fills, and how to name another field. */
  readonly format: FormatName | (string & {});
}

/**
 * Emits each line as a row on `requests`. Fields that the format does not carry are null, and so are `-` and
 * empty values; text is what the line says, with escapes (`\"`, `\xhh`) resolved where it stands in quotes.
 *
 * A text field `id` that the format does not name is filled with a version 5 UUID that is the same on every replay:
 * made from hostname, sequence and dt, or, where the line has not both of the former, from source, offset and dt. The line
 * counts, not the schema: a schema without them gives the same ids, but each line is cut twice. Without a dt in the schema it has no part.
 *
 * Rejected: a line without a value for a field that is not nullable, or without a request line; a malformed number
 * or time; one that does not fit the format; NUL bytes and invalid UTF-8.
 *
 * @throws Error when the format cannot be read, or does not fit the schema: where that has a `uri_path`, something must fill it
 *
 * @example
 * const { requests } = t.bolt('parse', parse({ format: 'udp2log' }), { from: lines.shuffle() });
 *
 * @example
 * const Hit = schema('hit', { dt: time(), ip: pii('ip'), cookie: nullable(pii('cookie')) });
 * const hits = parse({ format: '%t\\t%h\\t%{Cookie}i', emits: Hit });
 */
export function parse(options: ParseOptions): Bolt<RawLine, { requests: Request }>;
export function parse<T extends object>(
  options: ParseOptions & { readonly emits: Schema<T> },
): Bolt<RawLine, { requests: T }>;
export function parse({
  format,
  emits = Request,
}: ParseOptions & { readonly emits?: Schema }): unknown {
  const computed = new Set(isComputed(emits, format) ? ['id'] : []);
  const pieces = piecesIn(format);
  refuseUnknown(pieces, emits);
  const split = splitterFor(format, emits, computed);
  const personal = personalFields(format, emits);
  const numbered = isNumbered(format, pieces);
  const numbering = (): Split | null =>
    numbered && !hasNumbered(emits) ? splitterFor(format, Numbered, NOTHING) : null;
  const identify = computed.size === 0 ? () => NONE : identifier(emits, numbering());
  return bolt<RawLine, { requests: object }>({
    kind: 'parse',
    reads: RawLine,
    emits: { requests: emits },
    parameters: { format },
    lineage: {
      requests: Object.fromEntries(
        Object.keys(emits.fields).map((name) => [
          name,
          computed.has(name) ? idOrigin(numbered, emits) : originOf(name, format, personal, emits),
        ]),
      ),
    },
    process(row, emit) {
      const { line } = row;
      const base = emit.requests[OVER](line);
      const start = startOf(line);
      const end = withoutReturn(base.bytes, start, endOf(line));
      if (start === end) reject('empty line');
      if (!base.ascii) base.ascii = checkText(base, start, end);
      const rewritten = split(base, start, end);
      if (rewritten !== null) emit.requests[OVER](rewritten);
      emit.requests[CUT](identify(base, row, start, end));
    },
  });
}

function splitterFor(format: string, emits: Schema, computed: ReadonlySet<string>): Split {
  if (format === JSON_LINES)
    return jsonSplitter(Object.keys(emits.fields).map(sameName), emits, computed);
  const pieces = jsonPieces(format);
  if (pieces === undefined) return splitter(namedFormat(format), emits, computed);
  return jsonSplitter(pieces, emits, computed);
}

/** What a format says that its lines have; nothing of lines that name their fields. */
const piecesIn = (format: string): readonly Piece[] =>
  format === JSON_LINES ? [] : piecesOf(parseFormat(namedFormat(format).text)).pieces;

/** Whether its lines may have what `Numbered` says, each as a value of its own. */
function isNumbered(format: string, pieces: readonly Piece[]): boolean {
  const offered = pieces.flatMap(({ reading }) => fieldsOf(reading));
  const isOne = (name: string): boolean =>
    offered.filter((each) => each === name).length === 1 &&
    pieces.some(({ reading }) => reading.as === 'field' && reading.field === name);
  return format === JSON_LINES || Object.keys(Numbered.fields).every(isOne);
}

const sameName = (name: string): JsonField => ({ key: name, field: name, unitMs: 1000 });

function originOf(
  name: string,
  format: string,
  personal: ReadonlySet<string>,
  emits: Schema,
): Origin {
  const { pii } = emits.fields[name as never] as Field;
  if (pii === undefined && personal.has(name)) return derive('line');
  return declassify(`parse.${name}`, { format }, 'line');
}

/** Names what has part in the id in some line. */
function idOrigin(numbered: boolean, emits: Schema): Origin {
  const host = numbered ? Object.keys(Numbered.fields) : [];
  const dt = Object.hasOwn(emits.fields, 'dt') ? ['dt'] : [];
  const of = [...host, ...dt, 'source', 'offset'];
  return declassify('uuid5', { of }, 'line', 'source', 'offset');
}

function isComputed({ fields }: Schema, format: string): boolean {
  const { id } = fields as Schema<{ id?: unknown }>['fields'];
  return id?.type === 'text' && id.pii === undefined && !/@id[?!}]/.test(format);
}

/** Without the carriage return of a line that ended in CR LF. */
const withoutReturn = (bytes: Uint8Array, start: number, end: number): number =>
  end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;

/** Returns whether the line is ASCII; most lines are, also where a few of their batch are not. */
function checkText({ bytes, view }: Base, start: number, end: number): boolean {
  if (isAsciiAt(view, start, end)) return true;
  if (!isUtf8(bytes.subarray(start, end))) reject('invalid UTF-8');
  return false;
}

const CARRIAGE_RETURN = 13;
const NONE = {};
const NOTHING: ReadonlySet<string> = new Set();
