/**
 * Compiles a log format to a function that finds a schema's fields in the bytes of a line.
 *
 * The line is first cut at tabs, where the format has any: one scan for all columns. What lies
 * within a column, or a line without columns, is matched from left to right (`column-code.ts`).
 *
 * @module
 */
import type { Base } from '../../topology/rows/base.js';
import { generated } from '../../topology/rows/generate.js';
import type { Schema } from '../../topology/rows/schema.js';
import type { Text } from '../../topology/rows/text.js';
import { reject } from '../../topology/dsl/reject.js';
import { behind, columnCode, isEscapable, nullCode } from './column-code.js';
import { parseFormat } from './format.js';
import type { NamedFormat } from './named.js';
import { readFloat, readInt } from './numbers.js';
import { fieldsOf, piecesOf, type Piece, type Pieces } from './pieces.js';
import { rewritten, unescapeLog } from './rewrite.js';
import * as scan from './scan.js';
import { checkTargets, targetsOf, type Target, type Targets } from './targets.js';
import { readTime } from './time.js';
import { cutRequest, cutUrl } from './url.js';

/**
 * Fills the spans and numbers of `base` from bytes [start, end). Returns null, or, when values came
 * with escapes, a text that is to be the base's memory: they are in plain there.
 *
 * @throws Rejected for a line that does not fit
 */
export type Split = (base: Base, start: number, end: number) => Text | null;

/**
 * @param computed fields of `schema` that are not in the bytes
 * @throws Error that says what is wrong with the format, or between it and the schema
 */
export function splitter(
  format: NamedFormat,
  schema: Schema,
  computed: ReadonlySet<string>,
): Split {
  const parsed = piecesOf(parseFormat(format.text));
  const targets = targetsOf(schema);
  const offered = parsed.pieces.flatMap(({ reading }) => fieldsOf(reading));
  const filled = offered.filter((name) => targets.has(name) && !computed.has(name));
  checkTargets(schema, filled, offered, computed);
  refuseNumbers(parsed.pieces, targets);
  const columns = columnsOf(parsed);
  for (const column of columns) refuseEndless(column);
  return compile(columns, format, new Map(filled.map((name) => [name, targets.get(name)!])), [
    ...targets.values(),
  ]);
}

/** @throws Error for a field that the format names and the schema lacks: misspelt, it would stay null for ever */
export function refuseUnknown(pieces: readonly Piece[], schema: Schema): void {
  const names = Object.keys(schema.fields);
  for (const { named, source } of pieces) {
    const unknown = named.find((name) => !names.includes(name));
    if (unknown === undefined) continue;
    throw new Error(
      `parse: ${source} names the field "${unknown}", which ${schema.title} does not have. It has ${names.join(', ')}.`,
    );
  }
}

/** @throws Error for a part of a URL or request line that a field of numbers is to take */
function refuseNumbers(pieces: readonly Piece[], targets: Targets): void {
  for (const { reading, source } of pieces) {
    if (reading.as === 'field') continue;
    const wrong = fieldsOf(reading).find((name) => targets.get(name)?.place === 'number');
    if (wrong === undefined) continue;
    throw new Error(`parse: the field "${wrong}" takes a part of ${source}, so it must be text.`);
  }
}

/** @throws Error for a request line before a text that it has in itself: it would end behind its method */
function refuseEndless(column: Pieces): void {
  for (const [i, { source }] of column.pieces.entries()) {
    const next = behind(column, i);
    if (!source.endsWith('r') || next === '' || !'GET / HTTP/1.1'.includes(next)) continue;
    throw new Error(
      `parse: request lines themselves have the "${next}" in them that stands behind ${source}, so where one ends cannot be known. Put it in quotes, "${source}", or between tabs.`,
    );
  }
}

/** A format without tabs is one column. */
function columnsOf({ pieces, tail }: Pieces): Pieces[] {
  const columns: { pieces: Piece[]; tail: string }[] = [{ pieces: [], tail: '' }];
  /** Begins a column at each tab and returns what is behind the last. */
  const cut = (text: string): string => {
    const [end = '', ...starts] = text.split('\t');
    if (starts.length === 0) return end;
    columns.at(-1)!.tail = end;
    for (const start of starts) columns.push({ pieces: [], tail: start });
    return starts.at(-1)!;
  };
  for (const piece of pieces) {
    const before = cut(piece.before);
    columns.at(-1)!.pieces.push({ ...piece, before });
    columns.at(-1)!.tail = '';
  }
  columns.at(-1)!.tail = cut(tail);
  return columns;
}

function compile(
  columns: readonly Pieces[],
  format: NamedFormat,
  filled: Targets,
  all: readonly Target[],
): Split {
  const count = columns.length;
  const texts: Buffer[] = [];
  const spans = all.filter(({ place }) => place === 'span');
  const escapable = spans.map(({ name }) => columns.some((column) => isEscapable(column, name)));
  const unfilled = all.filter(({ name }) => !filled.has(name));
  const source = `
return (base, start, end) => {
  const { bytes, view, spans, spanAt, numbers, numberAt } = base;
  let at = start, z = end, s = 0, e = 0, n = 0;
  base.lineStart = start; base.lineEnd = end; seen.backslash = false;
  ${unfilled.map(nullCode).join(' ')}
  ${count === 1 ? NUL_CHECK : cutting(count, format)}
  ${columns.map((column, i) => `${count === 1 ? '' : `at = cuts[${i}]; z = cuts[${i + 1}] - 1;`} ${columnCode(column, filled, texts)}`).join('\n  ')}
  return ${escapable.includes(true) ? 'seen.backslash ? rewritten(base, escapable, unescapeLog) : null' : 'null'};
};`;
  return generated(source, { ...SCOPE, cuts: new Int32Array(count + 1), escapable, texts });
}

const SCOPE = {
  ...scan,
  cutRequest,
  cutUrl,
  readFloat,
  readInt,
  readTime,
  reject,
  rewritten,
  unescapeLog,
};

const NUL_CHECK = `if (hasNul(view, start, end)) reject('NUL byte');`;

function cutting(count: number, { separators = ['\t'], columnsMin = count }: NamedFormat): string {
  const cut = (separator: string): string =>
    `columns = cutColumns(bytes, view, start, end, ${separator.charCodeAt(0)}, ${count}, cuts);`;
  return `let ${separators.map(cut).join(' if (columns === 1) ')}
  if (columns < ${columnsMin}) {
    if (columns === HAS_NUL) reject('NUL byte');
    reject(columns === TOO_MANY ? 'more than ${count} columns' : 'fewer than ${columnsMin} columns');
  }`;
}
