/**
 * Lets each id pass once.
 *
 * @module
 */
import { redisName, type RedisOptions } from '../../clients/redis/options.js';
import { shortId } from '../../clients/redis/remember.js';
import { bolt, type Bolt, type Joined } from '../../topology/dsl/bolt.js';
import type { BoltContext } from '../../topology/dsl/context.js';
import { durationMs, type Duration } from '../../topology/dsl/duration.js';
import { copy } from '../../topology/dsl/lineage.js';
import type { Kept } from '../../topology/rows/row.js';
import type { Schema } from '../../topology/rows/schema.js';
import type { Ids } from './ids.js';
import { MemoryIds } from './memory-ids.js';
import { Passing } from './passing.js';
import { RedisIds } from './redis-ids.js';

/** Names of the fields of `T` that ids may be made of. */
type KeyOf<T> = { [F in keyof T & string]: T[F] extends Key ? F : never }[keyof T & string];
type Key = string | number | boolean | null;

/** One field or several, as a list. */
type ListOf<K> = K extends string ? readonly [K] : K extends readonly string[] ? K : never;

export interface DedupeOptions {
  /** How long an id is known at least after its row was stored; at most half as long again. */
  readonly window: Duration;
  /** Where ids are kept. In memory (default) those of a worker that dies are forgotten; in Redis they are not. */
  readonly store?: 'memory' | (RedisOptions & { readonly key?: string });
}

type Unique<T extends object> = { readonly unique: T };

/**
 * Emits on `unique` the first row of each id, and drops those that come within the window after it was stored.
 *
 * An id is remembered when its row was stored by every sink that it goes to, not when it is seen. So a row that failed
 * on its way, or was lost with a worker, passes again: nothing is lost. Rows of one id are never on their way at
 * once: the second waits for the first, and passes if that fails. What a crash catches between the storing of a row and
 * the noting of its id passes twice; where that matters, the sink must note the ids itself (`once` of the sink `redis`).
 *
 * @throws Error when no field is named, or the window is no duration
 *
 * @example
 * const { unique } = t.bolt('dedupe', dedupe(Request, 'id', { window: '1h' }), { from: requests.by('id') });
 */
export function dedupe<
  T extends object,
  const K extends KeyOf<T> | readonly [KeyOf<T>, ...KeyOf<T>[]],
>(
  reads: Schema<T>,
  key: K,
  { window, store = 'memory' }: DedupeOptions,
): Bolt<T, Unique<T>, `by ${Joined<ListOf<K>>}`> {
  const keys: readonly string[] = typeof key === 'string' ? [key] : key;
  const windowMs = durationMs(window);
  if (windowMs === 0) throw new Error('dedupe: the window must last a millisecond or more.');
  const unknown = keys.find((name) => !Object.hasOwn(reads.fields, name));
  if (keys.length === 0 || unknown !== undefined)
    throw new Error(`dedupe: "${unknown ?? ''}" is no field of ${reads.title}.`);
  const fields = Object.keys(reads.fields);
  const made: unknown = bolt<T, Unique<T>, readonly never[]>({
    kind: 'dedupe',
    reads,
    emits: { unique: reads },
    needs: keys as readonly never[],
    keeps: true,
    parameters: { key: keys, windowMs, store: store === 'memory' ? store : redisName(store) },
    lineage: { unique: Object.fromEntries(fields.map((field) => [field, copy(field)])) },
    async open(context) {
      const ids: Ids =
        store === 'memory'
          ? new MemoryIds(windowMs, () => context.now())
          : await RedisIds.open(context, store, windowMs);
      const task = new DedupeTask(context, ids);
      return {
        process: (row) => task.process(idOf(row, keys), row as Kept<T>),
        close: () => ids.close?.(),
      };
    },
  });
  return made as Bolt<T, Unique<T>, `by ${Joined<ListOf<K>>}`>;
}

/** As JSON, so that `1` and `"1"`, `a` + `bc` and `ab` + `c` differ. */
const idOf = (row: object, keys: readonly string[]): string =>
  shortId(JSON.stringify(keys.map((name) => (row as { readonly [field: string]: Key })[name])));

/** A row whose `process` has not ended. */
interface Waiting<T extends object> {
  readonly row: Kept<T>;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

class DedupeTask<T extends object> {
  readonly #ids: Ids;
  readonly #passing: Passing<Unique<T>>;
  readonly #dropped: { add(by: number): void };
  /** By id, the rows that are not done: the first is on its way, the others wait for it. */
  readonly #lines = new Map<string, Waiting<T>[]>();

  constructor(context: BoltContext<Unique<T>>, ids: Ids) {
    this.#ids = ids;
    this.#passing = new Passing(context);
    this.#dropped = context.counter(
      'dedupe_dropped_total',
      'Rows dropped because their id was done before.',
    );
  }

  /** The row is done when this resolves: dropped, or stored and its id noted. */
  process(id: string, row: Kept<T>): Promise<void> {
    return new Promise((done, failed) => {
      const waiting = { row, done, failed };
      const line = this.#lines.get(id);
      if (line !== undefined) return void line.push(waiting);
      const begun = [waiting];
      this.#lines.set(id, begun);
      void this.#serve(id, begun);
    });
  }

  /** One row after the other, until one is stored: then all that came meanwhile are done with it. */
  async #serve(id: string, line: Waiting<T>[]): Promise<void> {
    while (line.length > 0) await this.#serveFirst(id, line);
    this.#lines.delete(id);
  }

  async #serveFirst(id: string, line: Waiting<T>[]): Promise<void> {
    let failing = 1;
    try {
      const seen = await this.#ids.has(id);
      const before = line.length;
      const failure = seen ? null : await this.#passing.pass((emit) => emit.unique(line[0]!.row));
      if (failure === null) {
        if (!seen) await this.#ids.add(id);
        this.#dropped.add(seen ? line.length : line.length - 1);
        for (const { done } of line.splice(0)) done();
        return;
      }
      // The attempts of those that waited before it was emitted are no younger: they have timed out, too.
      if (failure.code === 'timeout') failing = before;
      throw failure.error;
    } catch (error) {
      for (const { failed } of line.splice(0, failing)) failed(error);
    }
  }
}
