/** A sink task that writes rows to rolling files of a format. @module */
import type { SinkContext } from '../../../topology/dsl/context.js';
import type { PublicRow, SinkTask } from '../../../topology/dsl/sink.js';
import type { Schema } from '../../../topology/rows/schema.js';
import type { FileFormat } from './file-format.js';
import { partitionBy, type PartitionOf } from './partition.js';
import { RollingFiles } from './rolling-files.js';
import type { RollingOptions } from './rolling-options.js';

/** @throws Error when the partition template does not fit the rows */
export function filesFit({ partition }: RollingOptions, reads: Schema): void {
  if (partition !== undefined) partitionBy(partition, reads);
}

/** @throws Error when the folder cannot be written, or the partition template does not fit the rows */
export async function fileSink(
  options: RollingOptions,
  context: SinkContext,
  format: FileFormat,
): Promise<SinkTask<PublicRow>> {
  const { partition } = options;
  const partitionOf: PartitionOf =
    partition === undefined ? () => '' : partitionBy(partition, context.reads);
  const files = await RollingFiles.open(options, context, format);
  return {
    write(row) {
      // First, as it refuses rows with a sealed field: no part of those may get into a path.
      const encode = format.encoderOf(row);
      const file = files.at(partitionOf(row));
      const { out } = file;
      const before = out.at;
      encode(row, out);
      const bytes = out.at - before;
      file.added();
      return bytes;
    },
    flush: () => files.flush(),
    close: () => files.close(),
    outputs: () => files.outputs(),
  };
}
