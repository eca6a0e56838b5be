/** A field in a template: how its values become parts of a path. @module */
import { fieldsOf, type Schema } from '../../../topology/rows/schema.js';
import { SAFE_NAME_BYTES_MAX, safeName } from './safe-name.js';

export interface FieldPart {
  readonly field: string;
  /** The same value gives the same text. */
  textOf(value: unknown): string;
  /** A sample of the longest text, of the same form. */
  readonly longest: string;
}

/** What null becomes, and a time that no calendar has. */
const NULL = '_';

/** What is wrong with a template. */
export const wrongTemplate = (template: string, what: string): Error =>
  new Error(`The template "${template}" ${what}.`);

/** The part `{inner}` of `template`. @throws Error that names the field or says what is wrong with the template */
export function fieldPart(template: string, inner: string, schema: Schema): FieldPart {
  const colon = inner.indexOf(':');
  const name = colon < 0 ? inner : inner.slice(0, colon);
  const field = fieldsOf(schema).find(([known]) => known === name)?.[1];
  if (field === undefined)
    throw wrongTemplate(
      template,
      `names the field "${name}", which the rows of "${schema.title}" do not have`,
    );
  if (field.type === 'time' && colon >= 0) return timePart(template, name, inner.slice(colon + 1));
  if (field.type === 'text' && colon < 0) return textPart(name);
  if (field.type === 'time')
    throw wrongTemplate(
      template,
      `needs a pattern for the time "${name}", as in {${name}:yyyy/MM/dd}`,
    );
  throw wrongTemplate(
    template,
    `can take texts, as in {field}, and times, as in {field:yyyy/MM/dd}, but "${name}" is of type ${field.type}`,
  );
}

/** Values whose names are remembered. */
const NAMES_MAX = 1000;

function textPart(field: string): FieldPart {
  const names = new Map<string, string>();
  return {
    field,
    longest: 'x'.repeat(SAFE_NAME_BYTES_MAX),
    textOf(value) {
      if (value === null) return NULL;
      const text = String(value);
      if (text.length > SAFE_NAME_BYTES_MAX) return safeName(text);
      const known = names.get(text);
      if (known !== undefined) return known;
      if (names.size === NAMES_MAX) names.clear();
      const name = safeName(text);
      names.set(text, name);
      return name;
    },
  };
}

const UNITS_MS: readonly (readonly [unit: string, ms: number])[] = [
  ['mm', 60_000],
  ['HH', 3_600_000],
  ['dd', 86_400_000],
];

function timePart(template: string, field: string, pattern: string): FieldPart {
  const rest = pattern.replaceAll(/yyyy|MM|dd|HH|mm/g, '');
  if (rest === pattern || !/^[._=/-]*$/.test(rest)) {
    throw wrongTemplate(
      template,
      `has a pattern for "${field}" that is not made of yyyy MM dd HH mm and - / . _ =`,
    );
  }
  const bucketMs = UNITS_MS.find(([unit]) => pattern.includes(unit))?.[1] ?? 86_400_000;
  let from = 0;
  let until = 0;
  let text = '';
  return {
    field,
    longest: pattern,
    textOf(value) {
      const ms = value === null ? NaN : Number(value);
      // Rows come in about the order of their time: nearly always in the bucket of the row before.
      if (ms >= from && ms < until) return text;
      if (!(Math.abs(ms) <= DATE_MS_MAX)) return NULL;
      from = Math.floor(ms / bucketMs) * bucketMs;
      until = Math.min(from + bucketMs, DATE_MS_MAX);
      return (text = format(pattern, new Date(ms)));
    },
  };
}

/** Beyond this there are no dates (ECMA-262, "Time Values and Time Range"). */
const DATE_MS_MAX = 8.64e15;

function format(pattern: string, date: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  return pattern
    .replaceAll('yyyy', String(date.getUTCFullYear()).padStart(4, '0'))
    .replaceAll('MM', two(date.getUTCMonth() + 1))
    .replaceAll('dd', two(date.getUTCDate()))
    .replaceAll('HH', two(date.getUTCHours()))
    .replaceAll('mm', two(date.getUTCMinutes()));
}
