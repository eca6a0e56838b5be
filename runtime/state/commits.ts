/**
 * How far each spout task is, for good: a position per partition, and what the task has counted so far.
 * Both are in one record, so that the counts of a task that was killed go on exactly from what it committed.
 *
 *     <state>/commits/<component>-<task>.log = Journal of JSON { positions: [[partition, position], …], counters }
 *
 * Positions only grow: what a log says of a partition is the largest it holds. The counters of the last record count.
 *
 * @module
 */
import { join } from 'node:path';
import type { Positions } from '../../topology/dsl/spout.js';
import { files, type Store } from '../store.js';
import { Journal, readJournal } from './journal.js';
import { whenMissing } from './system-error.js';

/** Messages since the state folder was made. */
export interface Counters {
  readonly emitted: number;
  readonly acked: number;
  readonly deadLetters: number;
}

export interface Commits {
  readonly positions: Positions;
  readonly counters: Counters;
}

interface Replayed extends Commits {
  readonly positions: Map<string, number>;
}

interface CommitRecord {
  readonly positions: readonly (readonly [string, number])[];
  readonly counters: Counters;
}

const NONE: Counters = { emitted: 0, acked: 0, deadLetters: 0 };

/** A log longer than this is rewritten as one record. */
const LOG_BYTES_MAX = 1024 * 1024;

/** The log of one spout task. */
export class CommitLog {
  readonly #journal: Journal;
  readonly #positions: Map<string, number>;
  #counters: Counters;
  #rewriteAtBytes = LOG_BYTES_MAX;

  private constructor(journal: Journal, { positions, counters }: Replayed) {
    this.#journal = journal;
    this.#positions = positions;
    this.#counters = counters;
  }

  /** Opens or creates the log; it holds what the task committed before. */
  static async open(
    stateDir: string,
    component: string,
    task: number,
    store = files,
  ): Promise<CommitLog> {
    const { journal, records } = await Journal.open(
      join(stateDir, 'commits', fileName(component, task)),
      store,
    );
    return new CommitLog(journal, replay(records));
  }

  /** Everything committed so far; grows with it. */
  get committed(): Commits {
    return { positions: this.#positions, counters: this.#counters };
  }

  /** The partitions that moved on, and all counters as they are now. Stored by the next `flush`. */
  commit(moved: Positions, counters: Counters): void {
    merge(this.#positions, moved);
    this.#counters = counters;
    if (this.#journal.bytes > this.#rewriteAtBytes) this.#rewrite();
    else this.#journal.append(encode(moved, counters));
  }

  /** Resolves when everything committed before is durable. May be called again after it threw. */
  flush(): Promise<void> {
    return this.#journal.flush();
  }

  /** Flushes and closes. */
  close(): Promise<void> {
    return this.#journal.close();
  }

  #rewrite(): void {
    const snapshot = encode(this.#positions, this.#counters);
    // With very many partitions the snapshot itself is long: it must not be rewritten at each commit.
    this.#rewriteAtBytes = Math.max(LOG_BYTES_MAX, 2 * snapshot.length);
    this.#journal.replaceAll([snapshot]);
  }
}

/**
 * What the tasks of a component committed, of all runs: the largest position of each partition, and the sums of the
 * counters of the first `tasks`, which go on from them. (An earlier run may have had more.)
 */
export async function readCommits(
  stateDir: string,
  component: string,
  tasks = Infinity,
  store = files,
): Promise<Commits> {
  const positions = new Map<string, number>();
  const sum = { ...NONE };
  for (const [number, file] of await logsOf(stateDir, component, store)) {
    const task = replay((await readJournal(join(stateDir, 'commits', file), store)).records);
    merge(positions, task.positions);
    if (number >= tasks) continue;
    sum.emitted += task.counters.emitted;
    sum.acked += task.counters.acked;
    sum.deadLetters += task.counters.deadLetters;
  }
  return { positions, counters: sum };
}

function replay(records: readonly Buffer[]): Replayed {
  const positions = new Map<string, number>();
  let counters: Counters = NONE;
  for (const bytes of records) {
    const record: CommitRecord = JSON.parse(String(bytes));
    merge(positions, record.positions);
    counters = record.counters;
  }
  return { positions, counters };
}

function merge(into: Map<string, number>, positions: Iterable<readonly [string, number]>): void {
  for (const [partition, position] of positions) {
    into.set(partition, Math.max(position, into.get(partition) ?? position));
  }
}

const encode = (positions: Positions, counters: Counters): Buffer =>
  Buffer.from(JSON.stringify({ positions: [...positions], counters }));

const fileName = (component: string, task: number | string): string =>
  `${encodeURIComponent(component)}-${task}.log`;

/** By task. */
async function logsOf(
  stateDir: string,
  component: string,
  store: Store,
): Promise<[task: number, file: string][]> {
  const names = await store.readdir(join(stateDir, 'commits')).catch(whenMissing([]));
  const start = fileName(component, '').slice(0, -'.log'.length);
  return names.flatMap((file) => {
    const task = file.startsWith(start) ? /^(\d+)\.log$/.exec(file.slice(start.length)) : null;
    return task === null ? [] : [[Number(task[1]), file]];
  });
}
