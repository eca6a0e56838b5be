/**
 * A spout of what Varnish logs.
 *
 * | mode   | runs                     | rows             | after a restart                                    |
 * |--------|--------------------------|------------------|----------------------------------------------------|
 * | `ncsa` | `varnishncsa -F <format>`| `VarnishLine`    | goes on with the journal, then with the live log   |
 * | `log`  | `varnishlog -g request`  | `VarnishRequest` | the same                                           |
 * | `file` | nothing                  | `VarnishRequest` | goes on in the file                                |
 *
 * Varnish cannot be asked twice, so what it logs is journalled before it counts as received. What it logs while nobody
 * reads, or faster than it is read, is lost; that is counted and said.
 *
 * @module
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { durationMs, type Duration } from '../../topology/dsl/duration.js';
import type { ReceiverContext } from '../../topology/dsl/receiver.js';
import { spout, type Spout } from '../../topology/dsl/spout.js';
import {
  logCommand,
  ncsaCommand,
  tryOut,
  waiting,
  type Command,
  type Selection,
} from './command.js';
import { ncsaFormat } from './format.js';
import { JournalTask } from './journal-task.js';
import { VarnishLine, VarnishLines } from './line.js';
import { LogFileTask, type LogFile } from './log-file-task.js';
import { NcsaLines } from './ncsa-lines.js';
import { VarnishReceiver } from './receiver.js';
import type { Recorder } from './recorder.js';
import { askVslReclen, cutNotice, textBytes, VSL_RECLEN_DEFAULT } from './record-length.js';
import { RequestLines } from './request-lines.js';
import { VarnishRequest, VarnishRequests } from './request.js';

interface LiveOptions extends Selection {
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

/**
 * Reads one instance of Varnish with one task. A run fails at its start with an Error when the program is missing,
 * Varnish does not run under that name, or it refuses the format or the query.
 *
 * @throws Error when `format` is no format string
 *
 * @example
 * const hits = t.spout('varnish', varnish({ mode: 'ncsa', format: 'varnishncsa', query: 'ReqURL ~ "^/event"' }));
 *
 * @example
 * const all = t.spout('varnish', varnish({ mode: 'log', name: '/var/lib/varnish/cache1' }));
 */
export function varnish(options: VarnishNcsaOptions): Spout<VarnishLine>;
export function varnish(options: VarnishLogOptions | VarnishFileOptions): Spout<VarnishRequest>;
export function varnish(
  options: VarnishNcsaOptions | VarnishLogOptions | VarnishFileOptions,
): Spout<VarnishLine> | Spout<VarnishRequest> {
  if (options.mode === 'ncsa') return ncsa(options);
  return options.mode === 'log' ? log(options) : file(options);
}

function ncsa(options: VarnishNcsaOptions): Spout<VarnishLine> {
  const format = ncsaFormat(options.format ?? 'varnishncsa');
  return spout<VarnishLine>({
    ...live(options, ncsaCommand(format, options), (bytes) => new NcsaLines(format, bytes)),
    emits: VarnishLine,
    open: async (context) =>
      new JournalTask(await context.journal(ageOf(options)), (lines) => new VarnishLines(lines)),
  });
}

const log = (options: VarnishLogOptions): Spout<VarnishRequest> =>
  spout<VarnishRequest>({
    ...live(options, logCommand(options), (bytes) => new RequestLines(bytes)),
    emits: VarnishRequest,
    open: async (context) =>
      new JournalTask(await context.journal(ageOf(options)), (lines) => new VarnishRequests(lines)),
  });

/** What both have in common. */
function live(
  options: VarnishNcsaOptions | VarnishLogOptions,
  command: Command,
  recording: (recordBytesMax: number) => Recorder,
): Pick<Spout<object>, 'kind' | 'parameters' | 'tasks' | 'assign' | 'receive'> {
  return {
    kind: 'varnish',
    parameters: { ...options },
    tasks: 1,
    async assign(tasks) {
      onlyOne(tasks);
      await tryOut(command);
      return [null];
    },
    receive: (context) => receive(context, options, waiting(command), recording),
  };
}

async function receive(
  context: ReceiverContext,
  { name, journal, vslReclen }: LiveOptions,
  command: Command,
  recording: (recordBytesMax: number) => Recorder,
): Promise<VarnishReceiver> {
  const writer = await context.journal({ maxBytes: journal?.maxBytes ?? JOURNAL_BYTES_MAX });
  const asked = vslReclen ?? (await askVslReclen(name));
  context.warn(cutNotice(asked));
  const recorder = recording(textBytes(asked ?? VSL_RECLEN_DEFAULT));
  return new VarnishReceiver(context, writer, command, recorder, async () => {
    const now = vslReclen ?? (await askVslReclen(name));
    if (now !== undefined) recorder.recordBytesMax = textBytes(now);
  });
}

const file = ({
  path,
  vslReclen = VSL_RECLEN_DEFAULT,
}: VarnishFileOptions): Spout<VarnishRequest> =>
  spout<VarnishRequest>({
    kind: 'varnish',
    emits: VarnishRequest,
    parameters: { mode: 'file', path, vslReclen },
    tasks: 1,
    assign(tasks) {
      onlyOne(tasks);
      return [logFile(path)];
    },
    open({ assignment, committed }) {
      // As `assign` made it.
      const found = assignment as LogFile;
      return new LogFileTask(found, committed.get(found.id) ?? 0, textBytes(vslReclen));
    },
  });

function logFile(path: string): LogFile {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stats?.isFile())
    throw new Error(`${path}: no such file. Relative paths begin at ${process.cwd()}.`);
  return { path: resolve(path), id: `${stats.dev}:${stats.ino}`, size: Number(stats.size) };
}

function onlyOne(tasks: number): void {
  if (tasks !== 1)
    throw new Error(
      `varnish reads with one task, and the topology says ${tasks}. Leave "tasks" out.`,
    );
}

const ageOf = ({ journal }: LiveOptions): { readonly maxAgeMs: number } => ({
  maxAgeMs: durationMs(journal?.maxAge ?? '1d'),
});

const JOURNAL_BYTES_MAX = 1024 ** 3;
