/**
 * Code over rows that is generated once per layout: validators, writers, hashes.
 *
 * @module
 */
import { generated } from './generate.js';
import { LAYOUT, type Layout } from './layout.js';
import { RowError } from './row-error.js';

export type { Layout } from './layout.js';
export type { Place } from './shape.js';

/**
 * A function that finds, for a row, what `compile` made for its layout.
 * Costs one comparison when the layout is the same as at the last call, as it is on an edge.
 */
export function perLayout<F>(compile: (layout: Layout) => F): (row: object) => F {
  const compiled = new Map<Layout, F>();
  const find = (layout: Layout | undefined): F => {
    if (layout === undefined) throw new RowError('A row was expected; a plain object was given.');
    let found = compiled.get(layout);
    if (found === undefined) compiled.set(layout, (found = compile(layout)));
    return found;
  };
  // Generated for its own type feedback: shared by all edges, the read of the layout is megamorphic (2 % of a job).
  return generated(
    `let last, current;
return (row) => {
  const layout = row[LAYOUT];
  if (layout !== last || last === undefined) { current = find(layout); last = layout; }
  return current;
};`,
    { LAYOUT, find },
    'per-layout',
  );
}
