/**
 * Rows that tell on a spread: `{...row}` compiles, and gives nothing at run time. In production a
 * check would cost 87 ns a row; under the test kit it throws.
 *
 * @module
 */
import type { AnyBoltTask, Bolt } from '../../topology/dsl/bolt.js';
import { RowError } from '../../topology/rows/row-error.js';

export function strictBolt<B extends Bolt<never, never>>(bolt: B): B {
  return {
    ...bolt,
    open: async (context) => strictTask(await bolt.open(context)),
  };
}

function strictTask(task: AnyBoltTask): AnyBoltTask {
  const { process, processBatch, close, handOver } = task;
  return {
    ...(process && { process: (row, emit) => process.call(task, strictRow(row), emit) }),
    ...(processBatch && {
      processBatch: (batch, emit) => processBatch.call(task, batch.map(strictRow), emit),
    }),
    ...(close && { close: () => close.call(task) }),
    ...(handOver && { handOver: () => handOver.call(task) }),
  };
}

/** The row itself, not a proxy of it: code that `perLayout` generates reads its private slots. */
function strictRow(row: object): object {
  if (!Object.isExtensible(row)) return row;
  const { keep } = row as { keep(): object };
  Object.defineProperty(row, 'keep', { value: () => strictRow(keep.call(row)) });
  Object.defineProperty(row, 'spread', {
    enumerable: true,
    get() {
      throw new RowError(
        'A row was spread or enumerated. Write emit.<stream>.from(row, { … }) or row.toObject().',
      );
    },
  });
  return Object.preventExtensions(row);
}
