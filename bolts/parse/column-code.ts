/**
 * The code that reads one column of a line: bytes [at, z).
 *
 * Matches from left to right: the text before a value, then the value up to where the text behind
 * it first stands. A column that is `-` or empty as a whole has no values.
 *
 * @module
 */
import { quoted } from '../../topology/rows/generate.js';
import { fieldsOf, type Piece, type Pieces } from './pieces.js';
import { PATH, type Target, type Targets } from './targets.js';

/** Whether the value of the span field `name` may come with escapes. */
export function isEscapable(column: Pieces, name: string): boolean {
  const escaped = (piece: Piece, i: number): boolean =>
    piece.escape || isQuoted(piece, behind(column, i));
  return column.pieces.some(
    (piece, i) => fieldsOf(piece.reading).includes(name) && escaped(piece, i),
  );
}

/** @param texts what the code finds as `texts`: takes up the texts of the format */
export function columnCode(column: Pieces, targets: Targets, texts: Buffer[]): string {
  const { pieces, tail } = column;
  const [first] = pieces;
  if (pieces.length === 1 && first!.before === '' && tail === '')
    return `s = at; e = z; ${valueCode(first!, targets)}`;
  const text = (value: string): string => `texts[${texts.push(Buffer.from(value)) - 1}]`;
  const matches = pieces.map((piece, i) => {
    const next = behind(column, i);
    const end =
      next === ''
        ? 'e = z;'
        : `e = ${finder(piece, next)}(bytes, s, z, ${text(next)}); if (e < 0) reject(${quoted(`does not fit the format behind ${piece.source}`)});`;
    return `s = at; ${end} ${valueCode(piece, targets)} at = e + ${Buffer.byteLength(next)};`;
  });
  const before = first?.before ?? tail;
  const begin =
    before === ''
      ? ''
      : `if (!standsAt(bytes, at, z, ${text(before)})) reject('does not begin as the format says'); at += ${Buffer.byteLength(before)};`;
  return `
  if (z - at < 2 && (z <= at || bytes[at] === DASH)) { ${pieces.map((piece) => absentCode(piece, targets)).join(' ')} } else {
    ${[begin, ...matches].join('\n    ')}
    if (at !== z) reject('does not end as the format says');
  }`;
}

/** The text behind piece `i`; empty where the column ends with it. */
export const behind = ({ pieces, tail }: Pieces, i: number): string =>
  pieces[i + 1]?.before ?? tail;

const isQuoted = ({ before }: Piece, next: string): boolean =>
  before.endsWith('"') && next.startsWith('"');

function finder(piece: Piece, next: string): string {
  if (isQuoted(piece, next)) return 'findQuote';
  return piece.reading.as === 'field' && piece.reading.unitMs > 0 ? 'findTimeEnd' : 'find';
}

/** Reads [s, e). */
function valueCode(piece: Piece, targets: Targets): string {
  const { reading, escape } = piece;
  const backslash = escape ? 'if (hasBackslash(bytes, s, e)) seen.backslash = true;' : '';
  const absent = absentCode(piece, targets);
  if (absent === '') return '';
  return `if (e - s < 2 && (e <= s || bytes[s] === DASH)) { ${absent} } else { ${backslash} ${presentCode(reading, targets)} }`;
}

function presentCode(reading: Piece['reading'], targets: Targets): string {
  if (reading.as === 'field') return fieldCode(targets.get(reading.field)!, reading.unitMs);
  const at = (name: string): string => {
    const target = targets.get(name);
    return target === undefined ? '-1' : spanAt(target);
  };
  const parts = fieldsOf(reading);
  const places = parts.map(at).join(', ');
  const call =
    reading.as === 'url'
      ? `cutUrl(bytes, s, e, ${reading.hostFirst}, spans, ${places});`
      : `cutRequest(bytes, s, e, spans, ${places});`;
  const required = parts
    .flatMap((name) => targets.get(name) ?? [])
    .filter(({ field }) => !field.nullable);
  return [
    call,
    ...required.map((target) => `if (spans[${spanAt(target)}] < 0) ${noValue(target)}`),
  ].join(' ');
}

function fieldCode(target: Target, unitMs: number): string {
  const { name, field, place, index } = target;
  if (place === 'span') return `spans[${spanAt(target)}] = s; spans[${spanAt(target)} + 1] = e;`;
  const [read, what] =
    field.type === 'time'
      ? [`readTime(bytes, view, s, e, ${unitMs || 1000})`, 'time']
      : [`${field.type === 'int' ? 'readInt' : 'readFloat'}(bytes, s, e)`, 'number'];
  return `n = ${read}; if (n !== n) reject(${quoted(`${name}: not a ${what}`)}); numbers[numberAt + ${index}] = n;`;
}

/** Without a value; the line of a request without its request line is none. Empty when nobody wants it. */
function absentCode({ reading }: Piece, targets: Targets): string {
  const wanted = fieldsOf(reading).flatMap((name) => targets.get(name) ?? []);
  if (wanted.length === 0) return '';
  if (reading.as === 'field' && reading.field !== PATH) return noValue(wanted[0]!);
  return `reject('request line: missing');`;
}

/** Sets a field to null, or rejects the line if it must not be. */
const noValue = (target: Target): string =>
  target.field.nullable ? nullCode(target) : `reject(${quoted(`${target.name}: missing`)});`;

export const nullCode = (target: Target): string =>
  target.place === 'span'
    ? `spans[${spanAt(target)}] = -1;`
    : `numbers[numberAt + ${target.index}] = NaN;`;

const spanAt = ({ index }: Target): string => `spanAt + ${2 * index}`;
