import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { bolt } from '../../../topology/dsl/bolt.js';
import { sink } from '../../../topology/dsl/sink.js';
import { spout } from '../../../topology/dsl/spout.js';
import { declare, topology } from '../../../topology/dsl/topology.js';
import { int } from '../../../topology/rows/field.js';
import { schema } from '../../../topology/rows/schema.js';

type Row = { n: number };
const Row = schema<Row>('row', { n: int() });
const numbers = spout<Row>({ kind: 'numbers', emits: Row, open: () => ({ poll: () => 'done' }) });
const split = bolt<Row, { odd: Row; even: Row }>({
  reads: Row,
  emits: { odd: Row, even: Row },
  process: () => {},
});
const store = sink<Row>({ kind: 'store', open: () => ({ write: () => undefined }) });

test('an async wire is refused: what it declares later would be missing', () => {
  const later = topology('later', (async () => {}) as () => void);
  expect(() => declare(later, undefined)).toThrow('wire is async');
});

test('declares what was wired, in order, with where it is placed and what it reads', () => {
  const job = topology('job', (t) => {
    const messages = t.spout('numbers', numbers, { worker: 1 });
    const { odd, even } = t.bolt('split', split, { from: messages.by('n'), tasks: 3 });
    t.sink('store', store, { from: odd.shuffle() });
    t.discard(even, 'odd ones are enough');
  });
  const from = (node: string, stream: string, grouping: object): object[] => [
    { node, stream, grouping },
  ];
  expect(declare(job, undefined)).toEqual({
    nodes: [
      { name: 'numbers', role: 'spout', component: numbers, placing: { worker: 1 }, inputs: [] },
      {
        name: 'split',
        role: 'bolt',
        component: split,
        placing: { tasks: 3 },
        inputs: from('numbers', 'messages', { how: 'by', fields: ['n'] }),
      },
      {
        name: 'store',
        role: 'sink',
        component: store,
        placing: {},
        inputs: from('split', 'odd', { how: 'shuffle' }),
      },
    ],
    discards: [{ node: 'split', stream: 'even', reason: 'odd ones are enough' }],
  });
});

test('hands its parameters to the wiring, each time it is declared', () => {
  const seen: unknown[] = [];
  const params = z.object({ n: z.number() });
  const job = topology(
    'job',
    { params, description: 'counts' },
    (_, given) => void seen.push(given),
  );
  expect([job.name, job.params, job.description]).toEqual(['job', params, 'counts']);
  for (const n of [1, 2]) declare(job, { n });
  expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
});
