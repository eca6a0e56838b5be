/** Format strings that write JSON objects, such as `{"ip":"%h","status":%s}` for `varnishncsa -j`. @module */
import { parseFormat } from './format.js';
import type { JsonField } from './json-lines.js';
import { piecesOf, type Piece } from './pieces.js';

/** Its values, each with the key that it stands behind; undefined for a format of other lines. */
export function jsonPieces(format: string): readonly (Piece & JsonField)[] | undefined {
  if (!/^\s*\{.*%/s.test(format)) return undefined;
  return piecesOf(parseFormat(format)).pieces.map((piece) => ({ ...piece, ...jsonField(piece) }));
}

function jsonField({ before, source, reading }: Piece): JsonField {
  const key = /"((?:[^"\\]|\\.)*)"\s*:\s*"?$/.exec(before)?.[1];
  if (key === undefined)
    throw new Error(
      `parse: in the format ${source} has no key of its own. Write "key":"${source}".`,
    );
  if (reading.as !== 'field') {
    throw new Error(
      `parse: ${source} is not cut up inside JSON. Give %m, %{Host}i, %U and %q keys of their own.`,
    );
  }
  return {
    key: JSON.parse(`"${key}"`) as string,
    field: reading.field,
    unitMs: reading.unitMs || 1000,
  };
}
