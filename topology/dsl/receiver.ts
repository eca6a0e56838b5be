/**
 * The receiving half of a spout whose source cannot be asked again (datagrams, a live log).
 *
 * It runs in a process of its own, so that neither a busy bolt nor the death of a worker costs a line: it
 * appends what comes in to a journal on disk, and the spout's task, in a worker, reads that.
 *
 * @module
 */
import type { Context } from './context.js';

export interface ReceiverContext extends Pick<
  Context,
  'topology' | 'component' | 'now' | 'warn' | 'counter' | 'gauge'
> {
  /**
   * Opens the journal, which the spout's task reads by `SpoutContext.journal`. Call it once.
   * @param options.maxBytes what may lie in it, from 64 KiB
   * @throws RangeError when `maxBytes` is less or no whole number
   */
  journal(options: { readonly maxBytes: number }): Promise<JournalWriter>;
  /** The source is broken for good: ends the run with this error. */
  fatal(error: unknown): void;
}

/** What is receiving. */
export interface Receiver {
  /** The run stops: receive no more. What came in before must have been appended when this resolves. */
  close(): void | Promise<void>;
}

export interface JournalWriter {
  /**
   * Takes a copy of one or more lines: all of them or none. A last line without a newline is whole, too.
   * They are durable after 100 ms or 4 MiB, and the task gets them then. A full disk is waited out.
   *
   * @returns false when there is no room: the caller counts what is lost, or comes again later
   */
  append(lines: Uint8Array): boolean;
}
