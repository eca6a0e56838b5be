/**
 * Stores rows in Avro object container files.
 *
 * @module
 */
import { avroSchemaOf, type AvroRecord } from '../../../schemas/avro-schema.js';
import { sink, type PublicRow, type Sink } from '../../../topology/dsl/sink.js';
import { fieldsOf, type Schema } from '../../../topology/rows/schema.js';
import type { FileFormat } from '../files/file-format.js';
import { fileSink, filesFit } from '../files/file-sink.js';
import type { RollingOptions } from '../files/rolling-options.js';
import { codecOf, type CodecName } from './codec.js';
import { containerFile } from './container.js';
import { avroEncoder } from './row-encoder.js';
import { wholeLength } from './whole-length.js';

export interface AvroFilesOptions extends RollingOptions {
  /**
   * How blocks are compressed. By default `'deflate'`, at level 1: every Avro tool reads it, and
   * for 1 to 2 µs a row of 450 bytes it takes a seventh of the space. `'snappy'` needs native code
   * and is not surely faster. `'null'` leaves rows as they are: all of the sink takes 0.6 µs a row.
   */
  readonly codec?: CodecName;
}

/**
 * Writes rows to files that any Avro tool reads: `<dir>/<partition>/<component>-<task>-<id>.avro`.
 * A file has this name only when it is whole; before, it lies in `<dir>/.in-progress`. After a crash
 * the task finishes what it had begun.
 *
 * When the plan is built it throws an Error if a field's name is none in Avro, or the partition template does not fit the
 * rows; when it is opened, if the folder cannot be written.
 *
 * @example
 * t.sink('archive', avroFiles({ dir: 'out', partition: '{dt:yyyy/MM/dd/HH}' }), { from: safe.shuffle() });
 */
export function avroFiles(options: AvroFilesOptions): Sink<PublicRow> {
  return sink<PublicRow>({
    kind: 'avro-files',
    parameters: { ...options },
    fits(reads) {
      schemaOf(reads);
      filesFit(options, reads);
    },
    async open(context) {
      const schema = schemaOf(context.reads);
      const codec = await codecOf(options.codec ?? 'deflate');
      const format: FileFormat = {
        extension: '.avro',
        encoderOf: avroEncoder(context.reads),
        begin: () => containerFile(schema, codec),
        wholeLength,
      };
      return fileSink(options, context, format);
    },
  });
}

const schemaOf = (reads: Schema): AvroRecord =>
  avroSchemaOf({ title: reads.title, fields: Object.fromEntries(fieldsOf(reads)) });
