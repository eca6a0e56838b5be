/**
 * Which fields a format fills with what a client is or chose. Declared open, they are still that: their lineage
 * says so, and no sink takes them.
 *
 * @module
 */
import { fieldsOf, type Schema } from '../../topology/rows/schema.js';
import { isHarmless, REQUEST_LINE } from './directives.js';
import { parseFormat } from './format.js';
import { JSON_LINES, namedFormat } from './named.js';
import { Request } from './request.js';

/** By the directive that fills it, whatever its name; of lines that name their fields, by the name. */
export function personalFields(format: string, emits: Schema): ReadonlySet<string> {
  if (format === JSON_LINES)
    return new Set(Object.keys(emits.fields).filter((name) => !OPEN.has(name)));
  const fields = parseFormat(namedFormat(format).text).flatMap((item) => {
    if (typeof item === 'string' || isHarmless(item)) return [];
    return item.letter === 'r' && !item.named ? REQUEST_LINE : [item.field];
  });
  return new Set(fields);
}

const OPEN = new Set(
  fieldsOf(Request as Schema).flatMap(([name, { pii }]) => (pii === undefined ? [name] : [])),
);
