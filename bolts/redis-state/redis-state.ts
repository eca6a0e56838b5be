/**
 * What a task keeps by key, in Redis instead of a journal: it outlives the machine, and others can read it.
 *
 *     <key>        hash: `tasks`, and `owner <task>` and `last <task>`, who may write and his last flush
 *     <key>:<task> hash: the state of a task, values as JSON
 *
 * All of it is in memory, as with `context.state()`; Redis gets what has changed, at each flush, by one script. A script
 * of somebody who is no longer the owner, or one that comes after a later one, changes nothing: a
 * process may be dead or cut off while Redis has its last words still to read.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { RedisConnection } from '../../clients/redis/connection.js';
import type { RedisOptions } from '../../clients/redis/options.js';
import { replyCode } from '../../clients/redis/unavailable.js';
import type { BoltContext, Streams } from '../../topology/dsl/context.js';
import { LiveState } from '../../topology/dsl/live-state.js';
import type { KeyedState } from '../../topology/dsl/state.js';
import { OWN, STORE } from './scripts.js';

export interface RedisStateOptions extends RedisOptions {
  /** Default `squall:state:<topology>:<component>`. */
  readonly key?: string;
}

/** Call `close` when the task is closed. */
export interface RedisState extends KeyedState {
  close(): void;
}

/** Redis takes about a million arguments. */
const CHANGES_MAX = 400_000;

/**
 * Opens the state of a task, as it was at its last flush; waits while Redis cannot be reached. It does not end with the
 * run: the next one goes on with it.
 *
 * @throws Error when Redis refuses the login, or when the state is that of another number of tasks
 *
 * @example
 * const state = await redisState(context, { url: 'redis://127.0.0.1:6379' });
 * state.increment(host);
 * await state.flush();
 */
export async function redisState<Out extends Streams>(
  context: BoltContext<Out>,
  options: RedisStateOptions,
): Promise<RedisState> {
  const connection = new RedisConnection(options);
  try {
    await connection.ready((message) => context.warn(message));
    return await context.durably(() => Stored.open(context, connection, options));
  } catch (error) {
    connection.close();
    throw error;
  }
}

class Stored<Out extends Streams> extends LiveState implements RedisState {
  readonly #context: BoltContext<Out>;
  readonly #connection: RedisConnection;
  readonly #key: string;
  readonly #owner = randomUUID();
  #flushes = 0;
  /** One flush at a time: what is durable when one resolves is all that came before it. */
  #flushing: Promise<void> = Promise.resolve();

  private constructor(context: BoltContext<Out>, connection: RedisConnection, key: string) {
    super();
    this.#context = context;
    this.#connection = connection;
    this.#key = key;
  }

  static async open<Out extends Streams>(
    context: BoltContext<Out>,
    connection: RedisConnection,
    options: RedisStateOptions,
  ): Promise<Stored<Out>> {
    const { topology, component, task, tasks } = context;
    const key = options.key ?? `squall:state:${topology}:${component}`;
    const stored = new Stored(context, connection, `${options.keyPrefix ?? ''}${key}`);
    await connection.run(OWN, [stored.#key, task, tasks, stored.#owner]).catch((error: unknown) => {
      if (replyCode(error) !== 'TASKS') throw error;
      throw new Error(
        `The state in Redis at ${connection.server} under "${stored.#key}" is that of ${String(error).split(' ').at(-1)} tasks, and there are ${tasks} now. Run as many tasks as before, or give another key.`,
      );
    });
    for await (const [field, value] of connection.hash(`${stored.#key}:${task}`))
      stored.live.set(field, JSON.parse(value));
    return stored;
  }

  flush(): Promise<void> {
    const stored = this.#flushing.then(() => this.#context.durably(() => this.#store()));
    this.#flushing = stored.catch(() => {});
    return stored;
  }

  close(): void {
    this.#connection.close();
  }

  async #store(): Promise<void> {
    if (this.dirty.size === 0) return;
    if (this.dirty.size > CHANGES_MAX)
      throw new Error(`More than ${CHANGES_MAX} changes of state wait: flush more often.`);
    const keys = [...this.dirty];
    this.dirty.clear();
    try {
      await this.#connection.run(STORE, this.#changes(keys));
    } catch (error) {
      for (const key of keys) this.dirty.add(key);
      throw error;
    }
  }

  #changes(keys: readonly string[]): (string | number)[] {
    const put = keys.filter((key) => this.live.has(key));
    const deleted = keys.filter((key) => !this.live.has(key));
    return [
      ...[this.#key, this.#context.task, this.#owner, ++this.#flushes, put.length],
      ...put.flatMap((key) => [key, JSON.stringify(this.live.get(key))]),
      ...deleted,
    ];
  }
}
