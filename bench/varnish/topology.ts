/** Lines of varnishncsa, acked as soon as they are read. @module */
import { discard } from '../../bolts/sink/discard/discard.js';
import { varnish, VarnishLine } from '../../spouts/varnish/index.js';
import { bolt } from '../../topology/dsl/bolt.js';
import { copy } from '../../topology/dsl/lineage.js';
import { topology, type Topology } from '../../topology/dsl/topology.js';
import { flag, int } from '../../topology/rows/field.js';
import { schema } from '../../topology/rows/schema.js';

/** What of a line is no personal data. */
const Place = schema('place', { offset: int(), cut: flag() });

const places = bolt({
  reads: VarnishLine,
  emits: { places: Place },
  lineage: { places: { offset: copy('offset'), cut: copy('cut') } },
  process: (row, emit) => emit.places({ offset: row.offset, cut: row.cut }),
});

const lines: Topology = topology('varnish-lines', (t) => {
  const from = t.spout('lines', varnish({ mode: 'ncsa' }));
  const taken = t.bolt('places', places, { from: from.shuffle() });
  t.sink('acked', discard(), { from: taken.places.shuffle() });
});

export default lines;
