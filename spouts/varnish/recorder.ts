/** What makes lines for the journal of what a program of Varnish writes. @module */

export interface Recorder {
  /** The longest text that a record can have: `vsl_reclen` less the NUL behind it. */
  recordBytesMax: number;
  /** Lines so far of which a record was cut. */
  readonly cut: number;
  /** Takes what was read; returns what is whole, as lines. They are valid until the next call. */
  take(bytes: Buffer): Uint8Array;
  /** The program ended: what it had begun to write is dropped. */
  reset(): void;
}
