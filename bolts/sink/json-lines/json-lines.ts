/**
 * Stores rows as JSON, one object a line: for people, and for tools that read nothing better.
 *
 * @module
 */
import type { SinkContext } from '../../../topology/dsl/context.js';
import { sink, type PublicRow, type Sink, type SinkTask } from '../../../topology/dsl/sink.js';
import { fileSink, filesFit } from '../files/file-sink.js';
import type { RollingOptions } from '../files/rolling-options.js';
import { Output } from '../rows/output.js';
import { jsonEncoder } from './row-encoder.js';
import { wholeLength } from './whole-length.js';

/** Files as those of `avroFiles`, or standard output. */
export type JsonLinesOptions =
  | (RollingOptions & { readonly stdout?: never })
  | { readonly dir?: never; readonly stdout?: true };

/**
 * Writes one JSON object a line: fields in the order of the schema, times as ISO 8601 in UTC, bytes
 * as base64. Without a `dir` to standard output; with one to `<dir>/<partition>/<component>-<task>-<id>.jsonl`,
 * by the rules of `avroFiles`.
 *
 * @example
 * t.sink('print', jsonLines(), { from: counts.shuffle() });
 */
export function jsonLines(options: JsonLinesOptions = {}): Sink<PublicRow> {
  return sink<PublicRow>({
    kind: 'json-lines',
    parameters: { ...options },
    fits(reads) {
      if (options.dir !== undefined) filesFit(options, reads);
    },
    open: (context) => (options.dir === undefined ? printer(context) : files(options, context)),
  });
}

const files = (options: RollingOptions, context: SinkContext): Promise<SinkTask<PublicRow>> =>
  fileSink(options, context, {
    extension: '.jsonl',
    encoderOf: jsonEncoder(context.reads),
    begin() {
      const out = new Output();
      return { header: Buffer.alloc(0), out, block: () => out.take() };
    },
    wholeLength,
  });

/** Whoever reads standard output sets the pace: a flush waits until all was taken. */
function printer({ reads }: SinkContext): SinkTask<PublicRow> {
  const encoderOf = jsonEncoder(reads);
  const out = new Output();
  const waiting: Buffer[] = [];
  return {
    write(row) {
      const before = out.at;
      encoderOf(row)(row, out);
      return out.at - before;
    },
    async flush() {
      if (out.at > 0) waiting.push(out.take());
      for (; waiting.length > 0; waiting.shift()) await printed(waiting[0]!);
    },
  };
}

const printed = (text: Buffer): Promise<void> =>
  new Promise((done, failed) => {
    process.stdout.write(text, (error) => (error == null ? done() : failed(error)));
  });
