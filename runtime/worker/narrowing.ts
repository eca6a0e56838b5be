/** A bolt sees what it declared to read, whatever else the row has. @module */
import { perLayout } from '../../topology/rows/access.js';
import { derivedLayout } from '../../topology/rows/layout.js';
import type { Schema } from '../../topology/rows/schema.js';
import { slotsOf } from '../../topology/rows/shape.js';

/** Takes a row that has all fields of `reads` and gives one that has no others: the same one where it can. */
export function narrowing(reads: Schema): (row: object) => object {
  const fields = Object.keys(reads.fields).length;
  const find = perLayout((layout) => {
    if (layout.schema === reads || layout.fields.length === fields) return (row: object): object => row;
    const narrow = derivedLayout(layout, reads, new Set());
    const slots = slotsOf(narrow).map(({ name }) => layout.slotOf(layout.fields.find((each) => each.name === name)!.index));
    return (row: object): object => new narrow.Row(layout.baseOf(row), layout.generationOf(row), ...slots.map((slot) => slot(row)));
  });
  return (row) => find(row)(row);
}
