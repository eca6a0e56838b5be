/** The topologies that simulated runs are of. @module */
import { countBy } from '../../../bolts/count-by/count-by.js';
import { topology, type TopologyBuilder } from '../../../topology/dsl/topology.js';
import { build, type Built } from '../../../topology/plan/build.js';
import { check, owner, ponder, witness } from './bolts.js';
import { Message, WINDOW_MS } from './message.js';
import { source } from './source.js';
import { storedRows } from './stored-rows.js';

export interface Shape {
  readonly name: string;
  /** Sinks that hold each message once for every task of this component. */
  readonly copies: { readonly [sink: string]: string | null };
  /** Has a sink `totals` of counts. */
  readonly counts: boolean;
  /** A message goes to one other worker at most, and nobody keeps it: whoever loses it hears of that. */
  readonly direct: boolean;
  /** Bytes of a message, and of one in some runs, so that they fill what lies between workers. */
  readonly bodyLength: number;
  readonly largeLength: number;
  readonly wire: (t: TopologyBuilder) => void;
}

export const SHAPES: readonly Shape[] = [
  {
    name: 'chain',
    copies: { out: null },
    counts: false,
    direct: true,
    bodyLength: 40,
    largeLength: 400,
    wire(t) {
      const { good } = t.bolt('check', check(), { from: t.spout('in', source()).shuffle() });
      const { stored } = t.bolt('witness', witness(), { from: good.shuffle(), worker: 0 });
      t.sink('out', storedRows(), { from: stored.shuffle(), worker: 0 });
    },
  },
  {
    name: 'pondering',
    copies: { out: null },
    counts: false,
    direct: false,
    bodyLength: 60,
    largeLength: 600,
    wire(t) {
      const { good } = t.bolt('check', check(), {
        from: t.spout('in', source(2)).shuffle(),
        tasks: 3,
      });
      const { stored } = t.bolt('ponder', ponder(), { from: good.shuffle(), tasks: 2 });
      t.sink('out', storedRows(), { from: stored.shuffle() });
    },
  },
  {
    name: 'keyed',
    copies: { out: null },
    counts: true,
    direct: false,
    bodyLength: 40,
    largeLength: 400,
    wire(t) {
      const { good } = t.bolt('check', check(), { from: t.spout('in', source()).shuffle() });
      const { stored } = t.bolt('owner', owner(), { from: good.by('key') });
      const counter = countBy(Message, 'key', { every: WINDOW_MS, time: 'at' });
      const { totals } = t.bolt('count', counter, { from: good.by('key') });
      t.sink('out', storedRows(), { from: stored.shuffle() });
      t.sink('totals', storedRows(), { from: totals.shuffle() });
    },
  },
  {
    name: 'everywhere',
    copies: { out: 'witness' },
    counts: false,
    direct: true,
    bodyLength: 60,
    largeLength: 120_000,
    wire(t) {
      const { good } = t.bolt('check', check(), { from: t.spout('in', source(1)).shuffle() });
      const { stored } = t.bolt('witness', witness(), { from: good.all() });
      t.sink('out', storedRows(), { from: stored.shuffle() });
    },
  },
];

const built = new Map<Shape, Built>();

/** Its plan; made once. */
export function builtOf(shape: Shape): Built {
  let made = built.get(shape);
  if (made === undefined) built.set(shape, (made = build(topology(shape.name, shape.wire))));
  return made;
}
