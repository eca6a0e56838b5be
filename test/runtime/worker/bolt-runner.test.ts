import { expect, test } from '@jest/globals';
import { bolt } from '../../../topology/dsl/bolt.js';
import { sink } from '../../../topology/dsl/sink.js';
import { int, } from '../../../topology/rows/field.js';
import { schema } from '../../../topology/rows/schema.js';
import { rowsSpout } from '../../../runtime/testing/rows-spout.js';
import { Cluster } from './cluster.js';

const Number_ = schema('number', { n: int() });
test('what a kept row emitted before its process() awaited hangs on its message, too', async () => {
  const rows: number[] = [];
  let release = () => {};
  const flushed = new Promise<void>((resolve) => (release = resolve));
  const cluster = await Cluster.start((t) => {
    const s = t.spout('in', rowsSpout(Number_, [{ n: 1 }]));
    const { out } = t.bolt('b', bolt({ reads: Number_, emits: { out: Number_ }, keeps: true, async process(row: any, emit: any) { emit.out(row); } }), { from: s.shuffle() as never });
    t.sink('sink', sink<{ n: number }>({ kind: 's', open: () => ({ write: (row) => void rows.push(row.n), flush: () => flushed }) }), { from: out.shuffle() as never });
  });
  await cluster.pass(1000);
  expect(rows).toEqual([1]);
  expect(cluster.sum('in', 'acked')).toBe(0);
  release();
  await cluster.finish();
  expect(cluster.sum('in', 'acked')).toBe(1);
});
