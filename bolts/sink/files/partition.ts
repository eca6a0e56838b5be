/**
 * The sub-folder that a row belongs to, by a template such as `{country_code}/{dt:yyyy/MM/dd/HH}`.
 *
 * `{field:pattern}` is a time in UTC, of `yyyy MM dd HH mm` and what stands between them;
 * `{field}` is a text, made safe for a path (`safeName`). Null is `_`. Text around them stays as it
 * is: `dt={dt:yyyy-MM-dd}`.
 *
 * @module
 */
import { perLayout, type Layout } from '../../../topology/rows/access.js';
import type { Schema } from '../../../topology/rows/schema.js';
import { placeIn } from '../../../topology/rows/shape.js';
import { fieldPart, wrongTemplate, type FieldPart } from './partition-field.js';

/** The folder of a row, relative, with `/`. */
export type PartitionOf = (row: object) => string;

/**
 * Compiles a template for the rows of `schema`. When nothing changed since the row before it costs
 * a comparison a part; the same text comes back.
 *
 * @throws Error that names the field that is missing or of another type, or says what is wrong with the template
 */
export function partitionBy(template: string, schema: Schema): PartitionOf {
  const parts = partsOf(template, schema);
  const fields = parts.filter((part) => typeof part === 'object');
  const readersOf = perLayout((layout) => fields.map(({ field }) => readerOf(layout, field)));
  const texts = parts.map((part) => (typeof part === 'string' ? part : ''));
  const places = fields.map((part) => parts.indexOf(part));
  let folder = texts.join('');
  return (row) => {
    const readers = readersOf(row);
    let changed = false;
    for (let i = 0; i < fields.length; i++) {
      const text = fields[i]!.textOf(readers[i]!(row));
      if (text === texts[places[i]!]) continue;
      texts[places[i]!] = text;
      changed = true;
    }
    return changed ? (folder = texts.join('')) : folder;
  };
}

function partsOf(template: string, schema: Schema): (string | FieldPart)[] {
  const pieces = template.match(/\{[^{}]*\}|[^{}]+/g) ?? [];
  if (pieces.join('') !== template)
    throw wrongTemplate(template, 'has a brace too many or too few');
  const parts = pieces.map((piece) =>
    piece.startsWith('{') ? fieldPart(template, piece.slice(1, -1), schema) : piece,
  );
  check(template, parts);
  return parts;
}

/** Checks the folders with the longest names that the fields may give. */
function check(template: string, parts: readonly (string | FieldPart)[]): void {
  const text = parts.map((part) => (typeof part === 'string' ? part : part.longest)).join('');
  for (const name of text.split('/')) {
    if (!/^[A-Za-z0-9_=-][A-Za-z0-9._=-]*$/.test(name))
      throw wrongTemplate(
        template,
        'is no relative path of plain names (letters, digits, . _ = -)',
      );
    if (name.length > 255)
      throw wrongTemplate(
        template,
        'may give names of more than 255 bytes: put a / between its fields',
      );
  }
}

/** Reads a field where rows of a layout have it: a text as string or Text, a time as number, null or NaN. */
function readerOf(layout: Layout, name: string): (row: object) => unknown {
  const { baseOf } = layout;
  const { place, index } = placeIn(layout, name)!;
  if (place === 'slot') return layout.slotOf(index);
  if (place === 'number') {
    return (row) => {
      const base = baseOf(row);
      return base.numbers[base.numberAt + index];
    };
  }
  return (row) => {
    const base = baseOf(row);
    const at = base.spanAt + 2 * index;
    const start = base.spans[at]!;
    return start < 0
      ? null
      : base.bytes.utf8Slice(start + base.origin, base.spans[at + 1]! + base.origin);
  };
}
