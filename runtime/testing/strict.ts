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

const rows = new WeakMap<object, object>();

function strictTask(task: AnyBoltTask): AnyBoltTask {
  const { process, processBatch, close } = task;
  return {
    ...(process && { process: (row, emit) => process.call(task, strictRow(row), strictEmit(emit)) }),
    ...(processBatch && {
      processBatch: (batch, emit) => processBatch.call(task, batch.map(strictRow), strictEmit(emit)),
    }),
    ...(close && { close: () => close.call(task) }),
  };
}

function strictRow(row: object): object {
  const proxy = new Proxy(row, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (name === 'keep') return () => strictRow((value as () => object).call(target));
      return typeof value === 'function' ? value.bind(target) : value;
    },
    ownKeys() {
      throw new RowError('A row was spread or enumerated. Write emit.<stream>.from(row, { … }) or row.toObject().');
    },
    set() {
      throw new RowError('Rows are not changed in place.');
    },
  });
  rows.set(proxy, row);
  return proxy;
}

const open = (row: object): object => rows.get(row) ?? row;

function strictEmit(emit: object): object {
  const streams = Object.entries(emit as Record<string, EmitLike>).map(([stream, target]) => {
    const strict = Object.assign((row: object) => target(open(row)), {
      from: (row: object, fields: object) => target.from(open(row), fields),
      over: (source: object) => target.over(source),
      cut: (fields: object) => target.cut(fields),
    });
    return [stream, strict];
  });
  return Object.fromEntries(streams);
}

interface EmitLike {
  (row: object): void;
  from(row: object, fields: object): void;
  over(source: object): unknown;
  cut(fields: object): void;
}
