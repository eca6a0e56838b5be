/** A line as it came: what line spouts emit and `parse` reads. @module */
import { bytes, int, pii, text } from '../rows/field.js';
import { schema, type RowOf } from '../rows/schema.js';

export const RawLine = schema('raw_line', {
  /** Without its line end. Sealed: a log line is full of personal data. */
  line: pii('free_text', bytes()),
  /** What `offset` is counted in: stable over restarts and renames, e.g. device and inode of a file. */
  source: text(),
  offset: int({ min: 0 }),
});

export type RawLine = RowOf<typeof RawLine>;
