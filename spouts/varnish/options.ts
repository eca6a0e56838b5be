/** What `varnish` takes. @module */
import type { Duration } from '../../topology/dsl/duration.js';
import type { Selection } from './command.js';
import { VSL_RECLEN_MIN } from './record-length.js';

/** What both live modes take. */
export interface LiveOptions extends Selection {
  readonly journal?: {
    /** What may wait on disk; when it is full the log is not read. By default 1 GiB. */
    readonly maxBytes?: number;
    /** What has waited longer is dropped and counted. By default 1 day. */
    readonly maxAge?: Duration;
  };
  /** Varnish's parameter, in bytes. By default Varnish is asked. */
  readonly vslReclen?: number;
}

export interface VarnishNcsaOptions extends LiveOptions {
  readonly mode: 'ncsa';
  /** `varnishncsa` (combined), or a format string; the same for `parse`. One that begins with `{` is written as JSON (`-j`). */
  readonly format?: string;
}

export interface VarnishLogOptions extends LiveOptions {
  readonly mode: 'log';
}

export interface VarnishFileOptions {
  readonly mode: 'file';
  /** What `varnishlog -g request` wrote. For lines of varnishncsa take `file`. */
  readonly path: string;
  /** Varnish's parameter when it was written, in bytes. By default 255, as Varnish's. */
  readonly vslReclen?: number;
}

/** @throws RangeError when Varnish does not take such a value */
export function checkVslReclen(vslReclen: number): void {
  wholeNumber('vslReclen', vslReclen, VSL_RECLEN_MIN);
}

/** @throws RangeError when a journal would hardly hold what is read at once */
export function checkMaxBytes(maxBytes: number): void {
  wholeNumber('journal.maxBytes', maxBytes, 1024 * 1024);
}

/** @throws Error when there is more than one */
export function checkTasks(tasks: number): void {
  if (tasks === 1) return;
  throw new Error(
    `varnish reads with one task, and the topology says ${tasks}. Leave "tasks" out.`,
  );
}

function wholeNumber(name: string, value: number, min: number): void {
  if (!Number.isSafeInteger(value) || value < min)
    throw new RangeError(`varnish: ${name} is ${value}; give a whole number from ${min} on.`);
}
