import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runInMemory } from '../../../runtime/testing/index.js';
import { file } from '../../../spouts/file/index.js';
import { bolt } from '../../../topology/dsl/bolt.js';
import { derive } from '../../../topology/dsl/lineage.js';
import { RawLine } from '../../../topology/dsl/raw-line.js';
import { sink } from '../../../topology/dsl/sink.js';
import { topology } from '../../../topology/dsl/topology.js';
import { int, text } from '../../../topology/rows/field.js';
import { schema } from '../../../topology/rows/schema.js';
import { inFolder } from './support.js';

const Place = schema('place', { source: text(), offset: int() });

const place = bolt({
  reads: RawLine,
  emits: { places: Place },
  lineage: { places: { source: derive('source'), offset: derive('offset') } },
  process: (row, emit) => emit.places({ source: row.source, offset: row.offset }),
});

test('in a topology, every line is a row and a line too long a dead letter that says where it stands', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\nmuch too long\nthree\n');
    const { sinks, deadLetters } = await runInMemory(
      topology('t', (t) => {
        const lines = t.spout('lines', file({ path, maxLineBytes: 5 }));
        const { places } = t.bolt('place', place, { from: lines.shuffle() });
        t.sink(
          'out',
          sink<{ source: string }>({ kind: 'out', open: () => ({ write: () => undefined }) }),
          { from: places.shuffle() },
        );
      }),
    );
    expect(sinks['out']!.map(({ offset }) => offset)).toEqual([0, 18]);
    expect(deadLetters.map(({ origin, raw }) => [origin, String(raw)])).toEqual([
      [{ file: path, offset: 4 }, 'much '],
    ]);
  }));
