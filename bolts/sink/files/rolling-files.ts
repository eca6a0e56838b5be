/**
 * Files of one task, one at a time for each partition: written in progress, finished when they are
 * big or old enough.
 *
 *     open      rows go into these; at most 64, the least recently used one leaves
 *     leaving   take no more rows; the next flush finishes them
 *
 * The flush that finishes a file has stored all of its rows.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { SinkContext } from '../../../topology/dsl/context.js';
import type { FileFormat } from './file-format.js';
import { FileBeingWritten } from './file-being-written.js';
import { nameless, openFolder, removeEmptyAbove } from './folders.js';
import { removeTaskFolder, taskFolder } from './in-progress.js';
import { recover } from './recover.js';
import { ROLL_BYTES, ROLL_MS, type RollingOptions } from './rolling-options.js';
import { safeName } from './safe-name.js';

const OPEN_FILES_MAX = 64;
/** A run that never ends must not remember every file of its life. */
const OUTPUTS_MAX = 10_000;

export class RollingFiles {
  readonly #options: RollingOptions;
  readonly #context: SinkContext;
  readonly #format: FileFormat;
  readonly #dir: string;
  /** Of files in progress. */
  readonly #folder: string;
  readonly #outputs: string[] = [];
  readonly #open = new Map<string, FileBeingWritten>();
  #leaving: FileBeingWritten[] = [];
  #last: FileBeingWritten | undefined;
  #lastPartition = '';
  #turn: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #lost: Error | undefined;

  private constructor(options: RollingOptions, context: SinkContext, format: FileFormat) {
    this.#options = options;
    this.#context = context;
    this.#format = format;
    this.#dir = resolve(options.dir);
    this.#folder = taskFolder(this.#dir, context);
  }

  /**
   * Also finishes what an earlier life of the task left.
   *
   * @throws Error that names the folder when it cannot be written
   */
  static async open(
    options: RollingOptions,
    context: SinkContext,
    format: FileFormat,
  ): Promise<RollingFiles> {
    const files = new RollingFiles(options, context, format);
    await openFolder(files.#dir, files.#folder);
    await files.#recover();
    return files;
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

  /** Makes every row durable that was written before the call. When it throws nothing is lost: call it again. */
  flush(): Promise<void> {
    return this.#inTurn(() => this.#flush());
  }

  /** Finishes all files. After the last flush. @throws Error when one was gone, now or in an earlier flush */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      for (const partition of [...this.#open.keys()]) this.#leave(partition);
      await this.#flush();
      if (this.#lost !== undefined) throw this.#lost;
      await removeTaskFolder(this.#dir, this.#folder);
    });
  }

  /** The last 10,000 files that were finished. */
  outputs(): readonly string[] {
    return this.#outputs;
  }

  async #recover(): Promise<void> {
    try {
      this.#outputs.push(...(await recover(this.#dir, this.#context, this.#format)));
    } catch (error) {
      throw nameless(
        error,
        (code) =>
          `What an earlier run left in ${this.#folder} cannot be finished (${code}). See to the folder.`,
      );
    }
  }

  /** The runtime's flushes do not overlap, but the timer's may. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #begin(partition: string): FileBeingWritten {
    const now = this.#context.now();
    const file = join(partition, this.#fileName(now));
    const [path, finalPath] = [join(this.#folder, file), join(this.#dir, file)];
    return new FileBeingWritten(this.#format.begin(), path, finalPath, now);
  }

  /** In a folder, files sort by component, task and time; the end makes sure that no two are the same. */
  #fileName(now: number): string {
    const name = safeName(this.#options.name ?? this.#context.component);
    const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    const unique = randomBytes(8).toString('hex');
    return `${name}-${this.#context.task}-${time}-${unique}${this.#format.extension}`;
  }

  #leave(partition: string): void {
    const file = this.#open.get(partition)!;
    this.#open.delete(partition);
    if (file === this.#last) this.#last = undefined;
    file.seal();
    this.#leaving.push(file);
  }

  async #flush(): Promise<void> {
    for (const file of this.#open.values()) file.seal();
    this.#leaveDue();
    const leaving = [...this.#leaving];
    try {
      for (const file of [...this.#open.values(), ...leaving]) await file.store();
      for (const file of leaving) await this.#finish(file);
    } catch (error) {
      throw this.#failure(error);
    }
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
    const outcome = await file.finish();
    this.#leaving.splice(this.#leaving.indexOf(file), 1);
    if (outcome === 'gone') throw this.#loss();
    if (outcome === 'empty') return;
    this.#outputs.push(file.finalPath);
    if (this.#outputs.length > OUTPUTS_MAX) this.#outputs.shift();
    await removeEmptyAbove(file.path, this.#folder);
  }

  /** Finishes files of partitions, or sinks, that get no more rows. */
  #wakeWhenDue(): void {
    clearTimeout(this.#timer);
    const dues = [...this.#open.values()].map((file) => this.#dueAt(file));
    const due = this.#leaving.length > 0 ? 0 : Math.min(...dues);
    if (due === Infinity) return;
    const delayMs = Math.min(Math.max(due - this.#context.now(), TIMER_MS_MIN), TIMER_MS_MAX);
    this.#timer = setTimeout(() => {
      this.flush().catch((error: Error) => {
        this.#context.warn(error.message);
        this.#wakeWhenDue();
      });
    }, delayMs).unref();
  }

  /** Rows that were acked are gone, too: `close` fails for it. */
  #loss(): Error {
    const message = `A file in ${this.#folder} is gone, with the rows stored in it: something else moved or deleted it. Leave that folder to the sinks, and read that input again.`;
    this.#context.warn(message);
    return (this.#lost ??= new Error(message));
  }

  #failure(error: unknown): unknown {
    return nameless(error, (code) => {
      const full = code === 'ENOSPC' || code === 'EDQUOT';
      const advice = full ? 'The disk is full: free some space.' : 'See to the folder.';
      return `Files in ${this.#dir} cannot be written (${code}). ${advice} Nothing is lost; it is tried again.`;
    });
  }
}

/** So that a folder that refuses is not asked all the time. */
const TIMER_MS_MIN = 1000;
/** What setTimeout can wait at most. */
const TIMER_MS_MAX = 2 ** 31 - 1;
