/**
 * Files of one task, one at a time for each partition: written in progress, finished when they are
 * big or old enough.
 *
 *     open      rows go into these; at most 64, the least recently used one leaves
 *     leaving   take no more rows; the next flush finishes them
 *
 * A file never ends within a flush's rows unseen: what leaves was stored in the same flush.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { SinkContext } from '../../../topology/dsl/context.js';
import type { FileFormat } from './file-format.js';
import { FileBeingWritten } from './file-being-written.js';
import { codeOf, openFolder, removeEmptyAbove } from './folders.js';
import { recover, removeTaskFolder, taskFolder } from './in-progress.js';
import { safeName } from './safe-name.js';

/** Where files go and when they are finished. */
export interface RollingOptions {
  /** The folder of the finished files; made when it is missing. */
  readonly dir: string;
  /**
   * Sub-folders by the values of rows, e.g. `{country_code}/{dt:yyyy/MM/dd/HH}` with a text and a
   * time in UTC. By default there are none.
   */
  readonly partition?: string;
  /** A file is finished when it has about this many bytes. By default 128 MiB. */
  readonly rollBytes?: number;
  /** A file is finished this long after its first row, in milliseconds. By default 10 minutes. */
  readonly rollMs?: number;
  /** What the names of files begin with. By default the component's name. */
  readonly name?: string;
}

const ROLL_BYTES = 128 * 1024 * 1024;
const ROLL_MS = 600_000;
const OPEN_FILES_MAX = 64;
/** A run that never ends must not remember every file of its life. */
const OUTPUTS_MAX = 10_000;

export class RollingFiles {
  readonly #options: RollingOptions;
  readonly #context: SinkContext;
  readonly #format: FileFormat;
  readonly #open = new Map<string, FileBeingWritten>();
  #leaving: FileBeingWritten[] = [];
  #last: FileBeingWritten | undefined;
  #lastPartition = '';
  #waiting = 0;
  #outputs: string[];
  #turn: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: RollingOptions, context: SinkContext, format: FileFormat, outputs: string[]) {
    this.#options = options;
    this.#context = context;
    this.#format = format;
    this.#outputs = outputs;
  }

  /** @throws Error that names the folder when it cannot be written */
  static async open(options: RollingOptions, context: SinkContext, format: FileFormat): Promise<RollingFiles> {
    await openFolder(options.dir, taskFolder(options.dir, context));
    return new RollingFiles(options, context, format, await recover(options.dir, context, format));
  }

  /** The file that rows of `partition` go into now. */
  at(partition: string): FileBeingWritten {
    if (this.#last !== undefined && partition === this.#lastPartition) return this.#last;
    const file = this.#open.get(partition) ?? this.#begin(partition);
    // Behind the others: the first of the map is the least recently used.
    this.#open.delete(partition);
    this.#open.set(partition, file);
    if (this.#open.size > OPEN_FILES_MAX) this.#leave(this.#open.keys().next().value!);
    this.#lastPartition = partition;
    this.#last = file;
    return file;
  }

  /** `bytes` of a row were written to `file`. Returns what waits for a flush, in bytes before compression. */
  wrote(file: FileBeingWritten, bytes: number): number {
    file.added();
    return (this.#waiting += bytes);
  }

  /** Makes every row durable that was written before the call. When it throws nothing is lost: call it again. */
  flush(): Promise<void> {
    return this.#inTurn(() => this.#flush());
  }

  /** Finishes all files. After the last flush. */
  close(): Promise<void> {
    clearTimeout(this.#timer);
    return this.#inTurn(async () => {
      for (const partition of [...this.#open.keys()]) this.#leave(partition);
      await this.#flush();
      clearTimeout(this.#timer);
      await removeTaskFolder(this.#options.dir, this.#context);
    });
  }

  /** The last 10,000 files that were finished. */
  outputs(): readonly string[] {
    return this.#outputs;
  }

  /** The runtime's flushes do not overlap, but the timer's may. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #begin(partition: string): FileBeingWritten {
    const { dir, name = this.#context.component } = this.#options;
    const file = join(partition, `${safeName(name)}-${this.#context.task}-${randomUUID()}${this.#format.extension}`);
    const path = join(taskFolder(dir, this.#context), file);
    return new FileBeingWritten(this.#format.begin(), path, join(dir, file), this.#context.now());
  }

  #leave(partition: string): void {
    const file = this.#open.get(partition)!;
    this.#open.delete(partition);
    if (file === this.#last) this.#last = undefined;
    file.seal();
    this.#leaving.push(file);
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    for (const file of this.#open.values()) file.seal();
    this.#leaveDue();
    const leaving = [...this.#leaving];
    try {
      for (const file of [...this.#open.values(), ...leaving]) await file.store();
      for (const file of leaving) await this.#finish(file);
    } catch (error) {
      throw this.#failure(codeOf(error));
    }
    this.#waiting -= waiting;
    this.#wakeWhenDue();
  }

  #leaveDue(): void {
    const { rollBytes = ROLL_BYTES } = this.#options;
    const now = this.#context.now();
    for (const [partition, file] of this.#open) {
      if (file.size >= rollBytes || now >= this.#dueAt(file)) this.#leave(partition);
    }
  }

  #dueAt(file: FileBeingWritten): number {
    return file.bornAt + (this.#options.rollMs ?? ROLL_MS);
  }

  async #finish(file: FileBeingWritten): Promise<void> {
    const { dir } = this.#options;
    const finalPath = await file.finish();
    this.#leaving.splice(this.#leaving.indexOf(file), 1);
    if (finalPath === undefined) return;
    this.#outputs.push(finalPath);
    if (this.#outputs.length > OUTPUTS_MAX) this.#outputs.shift();
    await removeEmptyAbove(file.path, taskFolder(dir, this.#context));
  }

  /** Finishes files of partitions, or sinks, that get no more rows. */
  #wakeWhenDue(): void {
    clearTimeout(this.#timer);
    const due = Math.min(...[...this.#open.values()].map((file) => this.#dueAt(file)));
    if (!Number.isFinite(due)) return;
    const delayMs = Math.min(Math.max(due - this.#context.now(), TIMER_MS_MIN), TIMER_MS_MAX);
    this.#timer = setTimeout(() => {
      this.flush().catch((error: Error) => {
        this.#context.warn(error.message);
        this.#wakeWhenDue();
      });
    }, delayMs).unref();
  }

  /** Names the folder only: the paths below it have values of rows in them. */
  #failure(code: string): Error {
    const advice = code === 'ENOSPC' || code === 'EDQUOT' ? 'The disk is full: free some space.' : 'See to the folder.';
    return new Error(`Files in ${this.#options.dir} cannot be written (${code}). ${advice} Nothing is lost; it is tried again.`);
  }
}

/** So that a folder that refuses is not asked all the time. */
const TIMER_MS_MIN = 1000;
/** What setTimeout can wait at most. */
const TIMER_MS_MAX = 2 ** 31 - 1;
