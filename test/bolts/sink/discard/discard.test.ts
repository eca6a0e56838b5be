import { expect, test } from '@jest/globals';
import { discard } from '../../../../bolts/sink/discard/discard.js';
import { int } from '../../../../topology/rows/field.js';
import { schema } from '../../../../topology/rows/schema.js';
import { sinkContext, withRow } from '../support.js';

test('takes every row, has nothing to flush and leaves nothing', async () => {
  const reads = schema('s', { n: int() });
  const task = await discard().open(sinkContext(reads));
  withRow(reads, { n: 1 }, 'slots', (row) => expect(task.write(row as never)).toBeUndefined());
  expect(task.flush).toBeUndefined();
  expect(task.outputs).toBeUndefined();
});
