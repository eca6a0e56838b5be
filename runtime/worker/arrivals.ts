/** Rows off the wire: each is a visit of its own. @module */
import { arena } from '../../topology/rows/arena.js';
import { Base } from '../../topology/rows/base.js';
import { headBytes, readImage, type Slab } from '../../topology/rows/image.js';
import { baseLayout } from '../../topology/rows/layout.js';
import { placesOf } from '../../topology/rows/schema.js';
import { ROW_HEAD } from '../transport/frame.js';
import type { Core } from './core.js';
import { travelling, type Accept } from './delivery.js';

/** Takes a row at [at, end) of `slab`, with its head. */
export type Arrival = (slab: Slab, at: number, end: number) => void;

/** Takes the rows of edge `number` for the local `tasks` of its reader; their base points into the frame. */
export function arrival(
  core: Core,
  number: number,
  tasks: readonly (Accept | undefined)[],
): Arrival {
  const schema = travelling(core, core.placement.edges[number]!);
  const { Row } = baseLayout(schema);
  const { spans, numbers } = placesOf(schema);
  const head = headBytes(schema);
  const base = new Base(
    Buffer.alloc(0),
    new Int32Array(2 * spans.length),
    new Float64Array(numbers.length),
  );
  const { visit } = core;
  return (slab, at, end) => {
    const { ints } = slab;
    const i = at >> 2;
    base.generation++;
    readImage(base, slab, at + ROW_HEAD, end, numbers.length, head);
    arena.reset();
    visit.begin(ints[i + 2]!, ints[i + 3]!, ints[i + 4]!, ints[i + 5]!, ints[i + 6]!);
    visit.group = ints[i + 7]!;
    const accept = tasks[ints[i + 1]! >>> 16];
    // Its sender is of a time when that task was here, and died since.
    if (accept === undefined) visit.failure = { kind: 'worker-lost' };
    else accept(new Row(base, base.generation));
    visit.end();
  };
}
