import { expect, test } from '@jest/globals';
import { merge, Stream } from '../../../topology/dsl/stream.js';

type Row = { key: string; task: number };
const rows = new Stream<Row>('parse', 'requests');
const input = { node: 'parse', stream: 'requests' };

test('a grouping is data: which stream, and how it is dealt out', () => {
  const choose = (): number => 0;
  const groupings = [
    rows.shuffle(),
    rows.by('key', 'task'),
    rows.all(),
    rows.global(),
    rows.direct('task'),
    rows.custom(choose),
  ];
  expect(groupings.flatMap(({ inputs }) => inputs)).toEqual([
    { ...input, grouping: { how: 'shuffle' } },
    { ...input, grouping: { how: 'by', fields: ['key', 'task'] } },
    { ...input, grouping: { how: 'all' } },
    { ...input, grouping: { how: 'global' } },
    { ...input, grouping: { how: 'direct', fields: ['task'] } },
    { ...input, grouping: { how: 'custom', choose } },
  ]);
});

test('a merge has the inputs of all, in order, also of merges', () => {
  const others = new Stream<Row>('replay', 'requests');
  const merged = merge(merge(rows.by('key'), others.by('key')), rows.by('key'));
  expect(merged.inputs.map(({ node }) => node)).toEqual(['parse', 'replay', 'parse']);
});
