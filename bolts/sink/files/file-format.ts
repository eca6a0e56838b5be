/** What rolling files need to know of a format. @module */
import type { FileHandle } from 'node:fs/promises';
import type { RowEncoder } from '../rows/row-encoder.js';
import type { Output } from '../rows/output.js';

export interface FileFormat {
  /** With the dot, e.g. `.avro`. */
  readonly extension: string;
  /** Finds the encoder of a row. */
  readonly encoderOf: (row: object) => RowEncoder;
  /** Begins a file. */
  begin(): FileEncoder;
  /**
   * How many bytes of a file that a crash left behind are whole; 0 when no row is.
   * Undefined when it is no file of this format, so that nobody cuts it.
   */
  wholeLength(file: FileHandle): Promise<number | undefined>;
}

/** The bytes of one file. */
export interface FileEncoder {
  /** What the file begins with. */
  readonly header: Buffer;
  /** Where rows are encoded. */
  readonly out: Output;
  /** The `rows` rows in `out`, at least one, as the next bytes of the file. Empties `out`. */
  block(rows: number): Buffer;
}
