/**
 * A task that follows files for good, as `tail -F` does.
 *
 * All tasks look at all names; who reads a file depends on its inode alone, so a rename never hands
 * it to another task, and tasks need not agree on what they saw first. After a rotation the new
 * file of a name waits until this task has read the old one to its end. What is written is noticed
 * when the runtime asks again, at most 100 ms after an 'idle'.
 *
 * @module
 */
import { basename, dirname, extname } from 'node:path';
import type { LineBatch } from '../../topology/dsl/line-batch.js';
import type { RawLine } from '../../topology/dsl/raw-line.js';
import type { Gauge } from '../../topology/dsl/context.js';
import type { Batch, SpoutContext, SpoutTask } from '../../topology/dsl/spout.js';
import type { FollowShare } from './assign.js';
import type { BatchPool } from './batch-pool.js';
import { FollowedFile } from './followed-file.js';
import { expand, isGlob } from './glob.js';
import { commitsOf, idOf, type Commits } from './identity.js';
import { neighbours, openAs, statIfThere, type Neighbour } from './locate.js';

export class FollowTask implements SpoutTask<RawLine> {
  readonly #share: FollowShare;
  readonly #context: SpoutContext;
  readonly #maxLineBytes: number;
  readonly #pool: BatchPool;
  /** By id. The one that was served last stands last. */
  readonly #files = new Map<string, FollowedFile>();
  /** New files, and the old one of the same name that is read first. */
  readonly #waiting = new Map<FollowedFile, FollowedFile>();
  readonly #positions = new Map<string, number>();
  #commits: Commits;
  #lookedAt = -Infinity;
  readonly #timer: NodeJS.Timeout;
  readonly #lag: Gauge;

  constructor(share: FollowShare, context: SpoutContext, maxLineBytes: number, pool: BatchPool) {
    this.#share = share;
    this.#context = context;
    this.#maxLineBytes = maxLineBytes;
    this.#pool = pool;
    // The task's own log may be behind what another task read of a file in a later run.
    for (const [partition, position] of [...share.positions, ...context.committed]) {
      this.#positions.set(partition, Math.max(position, this.#positions.get(partition) ?? 0));
    }
    this.#commits = commitsOf(this.#positions);
    this.#lag = context.gauge('file_lag_bytes', 'Bytes of followed files that were not read yet.', {
      task: String(context.task),
    });
    this.#openRotated();
    // Files are opened now: one that was cut back may have grown again by the first poll.
    this.#look(context.now());
    this.#timer = setInterval(() => this.#hold(), LOOK_MS).unref();
  }

  poll(): LineBatch | 'idle' {
    const now = this.#context.now();
    if (now - this.#lookedAt >= LOOK_MS) this.#look(now);
    if (!this.#pool.ready) return 'idle';
    for (const file of this.#files.values()) {
      const batch = this.#next(file, now);
      if (batch) return batch;
    }
    return 'idle';
  }

  release(batch: Batch<RawLine>): void {
    const wasReady = this.#pool.ready;
    this.#pool.give(batch);
    if (!wasReady) this.#context.wake();
  }

  close(): void {
    clearInterval(this.#timer);
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
  }

  #next(file: FollowedFile, now: number): LineBatch | undefined {
    const old = this.#waiting.get(file);
    const left = old && !old.drained ? this.#next(old, now) : undefined;
    if (left) return left;
    this.#waiting.delete(file);
    const batch = file.next();
    if (!batch) return this.#retire(file, now);
    if (file.goneSince !== undefined) file.goneSince = now;
    this.#files.delete(file.id);
    this.#files.set(file.id, file);
    return batch;
  }

  /** Lets a file go that has no name any more and that nobody has written to for a while. */
  #retire(file: FollowedFile, now: number): LineBatch | undefined {
    if (file.goneSince === undefined || now - file.goneSince < QUIET_MS) return undefined;
    const rest = file.rest();
    for (const [partition, position] of file.close()) this.#positions.set(partition, position);
    this.#commits = commitsOf(this.#positions);
    this.#files.delete(file.id);
    return rest;
  }

  /** Opens new files also while the bolts are too slow for a poll: they may be rotated away twice before the next. */
  #hold(): void {
    try {
      this.#look(this.#context.now());
    } catch {
      // `poll` meets the same and says it.
    }
  }

  #look(now: number): void {
    this.#lookedAt = now;
    const named = this.#named();
    // Before the names change: a new file waits for the one that had its name.
    for (const [id, path] of named) if (!this.#files.has(id)) this.#open(id, path, path);
    for (const [id, file] of this.#files) {
      const path = named.get(id);
      file.path = path ?? file.path;
      file.goneSince = path === undefined ? (file.goneSince ?? now) : undefined;
    }
    this.#lag.set([...this.#files.values()].reduce((sum, { lag }) => sum + lag, 0));
  }

  /** This task's files that have a name now, by id. */
  #named(): Map<string, string> {
    const named = new Map<string, string>();
    for (const path of this.#names()) {
      const stats = path.endsWith('.gz') ? undefined : statIfThere(path);
      if (stats?.isFile() && this.#owns(idOf(stats)) && !named.has(idOf(stats)))
        named.set(idOf(stats), path);
    }
    return named;
  }

  #names(): string[] {
    return this.#share.patterns.flatMap((pattern) =>
      isGlob(pattern) ? expand(pattern) : [pattern],
    );
  }

  /** Files that this task was reading before a restart and that were rotated meanwhile, the oldest first. */
  #openRotated(): void {
    const named = this.#named();
    const known = new Set(
      [...Object.keys(this.#share.owners), ...this.#commits.keys()].filter((id) => this.#owns(id)),
    );
    const folders = new Map<string, readonly Neighbour[]>();
    for (const name of this.#names()) {
      const folder = dirname(name);
      if (!folders.has(folder)) folders.set(folder, neighbours(folder));
      for (const { id, path } of folders.get(folder)!) {
        if (!known.has(id) || named.has(id) || this.#files.has(id) || !isSuccessor(path, name))
          continue;
        this.#open(id, path, name);
      }
    }
  }

  #open(id: string, path: string, name: string): void {
    const fd = this.#descriptor(id, path);
    if (fd === undefined) return;
    const file = new FollowedFile({
      fd,
      id,
      path: name,
      commits: this.#commits.get(id) ?? [],
      maxLineBytes: this.#maxLineBytes,
      pool: this.#pool,
      truncated: (cut) =>
        this.#context.warn(
          `${cut}: was cut back and is read from its start. Lines written shortly before may be lost.`,
        ),
    });
    const old = [...this.#files.values()].findLast((other) => other.path === name);
    if (old) this.#waiting.set(file, old);
    this.#files.set(id, file);
  }

  #descriptor(id: string, path: string): number | undefined {
    try {
      // Renamed since it was seen: the next look finds it.
      return openAs(path, id);
    } catch (error) {
      this.#context.warn(`${path}: cannot be opened and is not followed: ${String(error)}`);
      return undefined;
    }
  }

  #owns(id: string): boolean {
    const { task, tasks } = this.#context;
    return (this.#share.owners[id] ?? Number(BigInt(id.split(':')[1]!) % BigInt(tasks))) === task;
  }
}

/** Whether `path` looks like what rotation makes of `name`: access.log.1, access-20240101.log. */
const isSuccessor = (path: string, name: string): boolean =>
  basename(path).startsWith(basename(name, extname(name))) && !path.endsWith('.gz');

/** How often names are looked up. */
const LOOK_MS = 200;
/** Writers may hold on to a rotated file until they are told to open anew. */
const QUIET_MS = 60_000;
