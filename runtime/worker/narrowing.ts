/** A bolt sees what it declared to read, whatever else the row has. @module */
import { generated } from '../../topology/rows/generate.js';
import { derivedLayout, LAYOUT, type Layout } from '../../topology/rows/layout.js';
import type { Schema } from '../../topology/rows/schema.js';
import { slotsOf } from '../../topology/rows/shape.js';

/** Takes a row that has all fields of `reads` and gives one that has no others: the same one where it can. */
export function narrowing(reads: Schema): (row: object) => object {
  const fields = Object.keys(reads.fields).length;
  const made = new Map<Layout, ((row: object) => object) | null>();
  const make = (layout: Layout): ((row: object) => object) | null => {
    if (layout.schema === reads || layout.fields.length === fields) return null;
    const narrow = derivedLayout(layout, reads, new Set());
    const slots = slotsOf(narrow).map(({ name }) =>
      layout.slotOf(layout.fields.find((each) => each.name === name)!.index),
    );
    return (row) =>
      new narrow.Row(
        layout.baseOf(row),
        layout.generationOf(row),
        ...slots.map((slot) => slot(row)),
      );
  };
  const find = (layout: Layout): ((row: object) => object) | null => {
    let found = made.get(layout);
    if (found === undefined) made.set(layout, (found = make(layout)));
    return found;
  };
  // Generated for its own type feedback, so that a bolt that reads all there is pays one comparison.
  return generated(
    `let last, narrow = null;
return (row) => {
  const layout = row[LAYOUT];
  if (layout !== last) { narrow = find(layout); last = layout; }
  return narrow === null ? row : narrow(row);
};`,
    { LAYOUT, find },
    `narrow-${reads.title}`,
  );
}
