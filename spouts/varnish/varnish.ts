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
import { LineBatch } from '../../topology/dsl/line-batch.js';
import { spout, type Spout } from '../../topology/dsl/spout.js';
import { logCommand, ncsaCommand } from './command.js';
import { ncsaFormat } from './format.js';
import { VarnishLine, VarnishLines } from './line.js';
import { liveSpout } from './live.js';
import { logFile, LogFileTask, type LogFile } from './log-file-task.js';
import { NcsaLines } from './ncsa-lines.js';
import {
  checkTasks,
  checkVslReclen,
  type VarnishFileOptions,
  type VarnishLogOptions,
  type VarnishNcsaOptions,
} from './options.js';
import { textBytes, VSL_RECLEN_DEFAULT } from './record-length.js';
import { RequestLines } from './request-lines.js';
import { VarnishRequest, VarnishRequests } from './request.js';

/**
 * Reads one instance of Varnish with one task. A run fails at its start with an Error when the program is missing,
 * Varnish does not run under that name, or it refuses the format or the query.
 *
 * @throws Error when `format` is no format string, and RangeError when a number is out of range
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
  return liveSpout(options, {
    command: ncsaCommand(format, options),
    recording: (recordBytesMax) => new NcsaLines(format, recordBytesMax),
    emits: VarnishLine,
    rowsOf: (lines) => new VarnishLines(lines),
  });
}

const log = (options: VarnishLogOptions): Spout<VarnishRequest> =>
  liveSpout(options, {
    command: logCommand(options),
    recording: (recordBytesMax) => new RequestLines(recordBytesMax),
    emits: VarnishRequest,
    rowsOf: (lines) => new VarnishRequests(lines),
  });

function file({ path, vslReclen = VSL_RECLEN_DEFAULT }: VarnishFileOptions): Spout<VarnishRequest> {
  checkVslReclen(vslReclen);
  return spout<VarnishRequest>({
    kind: 'varnish',
    emits: VarnishRequest,
    parameters: { mode: 'file', path, vslReclen },
    tasks: 1,
    assign(tasks) {
      checkTasks(tasks);
      return [logFile(path)];
    },
    open({ assignment, committed }) {
      // As `assign` made it.
      const found = assignment as LogFile;
      return new LogFileTask(found, committed.get(found.id) ?? 0, textBytes(vslReclen));
    },
    revive: (message) => new VarnishRequests(LineBatch.revive(message)),
  });
}
