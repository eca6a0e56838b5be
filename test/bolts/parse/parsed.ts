/** Runs `parse` over lines and opens what it emits: what these tests compare. @module */
import { parse, type ParseOptions, type Request } from '../../../bolts/parse/index.js';
import { LineBatch } from '../../../topology/dsl/line-batch.js';
import { RawLine } from '../../../topology/dsl/raw-line.js';
import { Rejected } from '../../../topology/dsl/reject.js';
import { arena } from '../../../topology/rows/arena.js';
import { emitter } from '../../../topology/rows/emitter.js';
import { Pii } from '../../../topology/rows/pii.js';
import { reveal } from '../../../topology/rows/reveal.js';
import type { Schema } from '../../../topology/rows/schema.js';

type Line = string | Uint8Array;
export type Opened = { readonly [field: string]: unknown };

/** By line: the row it became, opened, or why it was rejected. The lines come in one batch, as from a file. */
export function parsed(
  options: ParseOptions & { readonly emits?: Schema<object> },
  lines: readonly Line[],
): (Opened | string)[] {
  const bolt = parse(options as ParseOptions & { readonly emits: Schema<object> });
  const task = bolt.open(undefined as never) as { process(row: object, emit: object): void };
  const results: (Opened | string)[] = [];
  const requests = emitter(
    'parse.requests',
    bolt.emits.requests,
    (row) => void results.push(opened((row as { toObject(): object }).toObject())),
  );
  const messages = emitter('lines', RawLine, (row) => {
    try {
      task.process(row, { requests });
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      results.push(error.message);
    }
  });
  const batch = batchOf(lines);
  for (let i = 0; i < batch.count; i++) {
    batch.emit(i, messages as never);
    arena.reset();
  }
  return results;
}

/** The only line's row. @throws Error when it was rejected */
export function row(
  options: Parameters<typeof parsed>[0],
  line: Line,
): Opened & Partial<{ [F in keyof Request]: unknown }> {
  const [result] = parsed(options, [line]);
  if (typeof result !== 'object') throw new Error(result);
  return result;
}

function batchOf(lines: readonly Line[], source = 'disk 1'): LineBatch {
  const texts = lines.map((line) => Buffer.from(line as string));
  const batch = new LineBatch(texts.reduce((sum, { length }) => sum + length + 1, 0));
  batch.begin('p', source, 'access.log');
  let at = 0;
  for (const text of texts) {
    batch.bytes.set(text, at);
    batch.add(at, at + text.length, at, at + text.length + 1);
    at += text.length;
    batch.bytes[at++] = 10;
  }
  batch.end();
  return batch;
}

const opened = (row: object): Opened =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof Pii ? reveal(value) : value,
    ]),
  );
