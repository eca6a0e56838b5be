import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { sink } from '../../../topology/dsl/sink.js';
import { int, text } from '../../../topology/rows/field.js';
import type { Row } from '../../../topology/rows/row.js';
import { schema } from '../../../topology/rows/schema.js';
import { drain, openSink } from '../../../runtime/testing/index.js';

type Line = { text: string; size: number };
const Line = schema<Line>('line', { text: text(), size: int() });

test('drain writes, flushes and closes in that order, and gives the outputs', async () => {
  const calls: string[] = [];
  const noting = sink<Line>({
    kind: 'noting',
    open: ({ reads, component }) => ({
      write: (row) => void calls.push(`write ${row.text}`),
      flush: async () => void calls.push('flush'),
      close: async () => void calls.push('close'),
      outputs: () => [`${component} ${reads.title}`],
    }),
  });
  const outputs = await drain(
    noting,
    Line,
    [
      { text: 'a', size: 1 },
      { text: 'b', size: 2 },
    ],
    { component: 'lines' },
  );
  expect(calls).toEqual(['write a', 'write b', 'flush', 'close']);
  expect(outputs).toEqual(['lines line']);
});

test('an open sink gets live rows, which are dead when write returns, and says how much waits', async () => {
  const kept: Row<Line>[] = [];
  const counting = sink<Line>({
    kind: 'counting',
    open: ({ warn }) => ({
      write(row) {
        kept.push(row);
        warn(`row ${kept.length}`);
        return row.size;
      },
    }),
  });
  const open = await openSink(counting, Line);
  expect(open.write({ text: 'a', size: 7 })).toBe(7);
  expect(() => kept[0]!.size).toThrow(/row was used after process\(\) had returned/);
  expect(() => open.write({ text: 'a' })).toThrow('test: the field "size" is missing.');
  await open.flush();
  await open.close();
  expect(open.outputs()).toEqual([]);
  expect(open.warnings).toEqual(['row 1']);
});

test('an open sink has a folder for its state, the same whenever it asks', async () => {
  const dirs: string[] = [];
  const folding = sink<Line>({
    kind: 'folding',
    open: (context) => (dirs.push(context.stateDir, context.stateDir), { write: () => undefined }),
  });
  await openSink(folding, Line);
  expect(dirs[0]).toBe(dirs[1]);
  expect(existsSync(dirs[0]!)).toBe(true);
  await openSink(folding, Line, { stateDir: '/elsewhere' });
  expect(dirs[2]).toBe('/elsewhere');
});
