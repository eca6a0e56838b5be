/**
 * A spout of the lines of files: plain ones, gzip files (`.gz`), standard input, or files that grow.
 *
 * Plain files are divided among the tasks by bytes; a gzip file, standard input and each file that
 * is followed belong to one task. A run reads what its files hold when it starts. After one that was
 * stopped or killed, the next goes on from its last commit, to where the files end then; after one
 * that completed it reads all of them again. Lines are bytes and end at 0x0A, less one 0x0D before it.
 *
 * | source        | positions count           | after a restart                                  |
 * |---------------|---------------------------|--------------------------------------------------|
 * | plain file    | bytes                     | goes on, with any number of tasks                |
 * | gzip file     | decompressed bytes        | goes on, but is decompressed from its start      |
 * | standard input| bytes of this run         | cannot be read again: lines under way are lost   |
 *
 * @module
 */
import { LineBatch } from '../../topology/dsl/line-batch.js';
import { RawLine } from '../../topology/dsl/raw-line.js';
import { spout, type Spout, type SpoutContext } from '../../topology/dsl/spout.js';
import {
  assignFiles,
  assignFollowed,
  assignStdin,
  type FollowShare,
  type Piece,
} from './assign.js';
import { BatchPool } from './batch-pool.js';
import { FileTask } from './file-task.js';
import { FollowTask } from './follow-task.js';

export interface FileOptions {
  /**
   * A file, a glob (`logs/*.log`, `logs/**`), several of them, or `-` for standard input.
   * What matches a glob is read in the order of names.
   */
  readonly path: string | readonly string[];
  /**
   * Goes on at the end, as `tail -F` does: through rotation by rename and by copying and cutting
   * back, and with new files that match a glob; `.gz` among them are left out. By default the run
   * ends where the files end.
   */
  readonly follow?: boolean;
  /** Longer lines become dead letters with their first bytes. By default 1 MiB. */
  readonly maxLineBytes?: number;
}

/**
 * Emits a row per line. A run fails at its start with an Error that names the path when a file is
 * missing, a folder or unreadable, or when a glob matches nothing.
 *
 * A last line without a newline is a line, too; when a file is followed, it waits for its newline.
 *
 * @throws RangeError when `maxLineBytes` is no whole number above 0 or `path` an empty list
 *
 * @example
 * const lines = t.spout('logs', file({ path: '/var/log/nginx/access.log', follow: true }));
 */
export function file({
  path,
  follow = false,
  maxLineBytes = 1024 * 1024,
}: FileOptions): Spout<RawLine> {
  if (!Number.isInteger(maxLineBytes) || maxLineBytes < 1) {
    throw new RangeError(`maxLineBytes is ${maxLineBytes}; give a whole number above 0`);
  }
  const paths = typeof path === 'string' ? [path] : path;
  if (paths.length === 0) throw new RangeError('path is an empty list; give a file or a glob');
  return spout({
    kind: 'file',
    emits: RawLine,
    parameters: { path, follow, maxLineBytes },
    ...(paths.includes(STDIN) && { tasks: 1 }),
    assign(tasks, committed) {
      if (paths.includes(STDIN)) return stdin(paths, follow, tasks);
      return follow
        ? assignFollowed(paths, tasks, committed)
        : assignFiles(paths, tasks, committed);
    },
    open: (context) => openTask(context, maxLineBytes, new BatchPool()),
    revive: LineBatch.revive,
  });
}

/** A task of the spout, with the memory it reads into. */
export function openTask(
  context: SpoutContext,
  maxLineBytes: number,
  pool: BatchPool,
): FileTask | FollowTask {
  // As `assign` made it.
  const share = context.assignment as readonly Piece[] | FollowShare;
  return 'patterns' in share
    ? new FollowTask(share, context, maxLineBytes, pool)
    : new FileTask(share, context, maxLineBytes, pool);
}

function stdin(paths: readonly string[], follow: boolean, tasks: number): Piece[][] {
  if (paths.length > 1)
    throw new Error(
      "path '-' is standard input and stands alone. Read files in a spout of their own.",
    );
  if (follow)
    throw new Error("path '-' is standard input: it is read to its end anyway. Leave follow out.");
  return assignStdin(tasks);
}

const STDIN = '-';
