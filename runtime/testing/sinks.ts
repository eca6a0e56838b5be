/** Drives one sink by hand. @module */
import { OwnMetrics } from '../metrics/own-metrics.js';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SinkContext } from '../../topology/dsl/context.js';
import type { AnySinkTask, PublicRow, Refusals, Sink } from '../../topology/dsl/sink.js';
import { emitter } from '../../topology/rows/emitter.js';
import type { Schema } from '../../topology/rows/schema.js';
import { sealed, type Given } from './rows-spout.js';

export interface OpenSink {
  /** Writes a row, as a live row that is dead when this returns. */
  write(row: Given): number;
  flush(): Promise<Refusals | void>;
  close(): Promise<void>;
  outputs(): readonly string[];
  readonly warnings: readonly string[];
}

/** Opens one task of a sink for rows of `schema`. */
export async function openSink<In extends PublicRow>(
  sink: Sink<In>,
  schema: Schema,
  context: Partial<SinkContext> = {},
): Promise<OpenSink> {
  const warnings: string[] = [];
  const task: AnySinkTask = await sink.open({
    topology: 'test',
    component: 'sink',
    task: 0,
    tasks: 1,
    worker: 0,
    stateDir: mkdtempSync(join(tmpdir(), 'squall-test-')),
    stateId: 'test',
    now: () => Date.now(),
    warn: (message) => void warnings.push(message),
    ...new OwnMetrics().of('sink'),
    reads: schema,
    stalled: (reason) => void warnings.push(reason ?? 'going on'),
    ...context,
  });
  let bytes = 0;
  const emit = emitter('test', schema, (row) => {
    const written = task.write(row as never);
    bytes = typeof written === 'number' ? written : 0;
  });
  return {
    write(row) {
      emit(sealed(schema, row));
      return bytes;
    },
    flush: async () => task.flush?.(),
    close: async () => task.close?.(),
    outputs: () => task.outputs?.() ?? [],
    warnings,
  };
}

/** Writes `rows`, flushes and closes; returns the outputs. */
export async function drain<In extends PublicRow>(
  sink: Sink<In>,
  schema: Schema,
  rows: readonly Given[],
  context: Partial<SinkContext> = {},
): Promise<readonly string[]> {
  const open = await openSink(sink, schema, context);
  for (const row of rows) open.write(row);
  await open.flush();
  await open.close();
  return open.outputs();
}
