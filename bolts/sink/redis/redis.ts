/**
 * Stores rows in Redis.
 *
 * @module
 */
import { RedisConnection } from '../../../clients/redis/connection.js';
import { redisName } from '../../../clients/redis/options.js';
import { shortId } from '../../../clients/redis/remember.js';
import { Unavailable } from '../../../clients/redis/unavailable.js';
import type { SinkContext } from '../../../topology/dsl/context.js';
import { durationMs } from '../../../topology/dsl/duration.js';
import {
  sink,
  type PublicRow,
  type Refusals,
  type Sink,
  type SinkTask,
} from '../../../topology/dsl/sink.js';
import type { Row } from '../../../topology/rows/row.js';
import { textBy, type TextOf } from '../rows/template.js';
import { Batch, type Settled } from './batch.js';
import type { Once, RedisSinkOptions } from './options.js';
import { rowCommands, type Argument, type RowCommands } from './row-command.js';

/**
 * Does one command for each row, some hundred in one request. A row is acked when Redis has answered.
 *
 * A row that Redis refuses (WRONGTYPE) becomes a dead letter; the others go on. While Redis cannot be reached, or can
 * do nothing (OOM, LOADING, a replica), rows wait, and so do the spouts.
 *
 * Replays repeat commands: an increment is done twice, an entry added twice. With `once`, Redis notes the row's id in
 * the same transaction and does nothing for an id that it has seen, so that each is done exactly once, whatever dies.
 *
 * @throws Error when the url is none, or `once.window` is no duration; when the plan is built, also if a template or option does not fit the rows
 *
 * @example
 * t.sink('perCountry', redis({ command: 'HINCRBY', key: 'hits:{dt:yyyy-MM-dd}', field: '{country_code}', once: { id: '{id}', window: '1h' } }), { from: safe.shuffle() });
 */
export function redis(options: RedisSinkOptions): Sink<PublicRow> {
  const { url: _, tls: _tls, username: _username, password: _password, ...shown } = options;
  if (options.once !== undefined && durationMs(options.once.window) === 0)
    throw new Error('redis: the window of once must last a millisecond or more.');
  return sink<PublicRow>({
    kind: 'redis',
    parameters: { ...shown, server: redisName(options) },
    fits(reads) {
      rowCommands(options, reads, options.keyPrefix ?? '');
      if (options.once !== undefined) textBy(options.once.id, reads);
    },
    open: (context) => RedisSink.open(options, context),
  });
}

class RedisSink implements SinkTask<PublicRow> {
  readonly #connection: RedisConnection;
  readonly #commands: RowCommands;
  readonly #idOf: TextOf | null;
  /** Arguments that every script begins with. */
  readonly #head: readonly Argument[];
  readonly #context: SinkContext;
  readonly #repeated: { add(by: number): void };
  #waiting: Batch[] = [];
  #rows = 0;
  /** What the flush at work has to send still, also when it is tried again. */
  #sending: Batch[] = [];
  #settled: Settled = { repeated: 0, refused: new Map() };

  private constructor(options: RedisSinkOptions, context: SinkContext) {
    const { once, keyPrefix = '' } = options;
    this.#commands = rowCommands(options, context.reads, keyPrefix);
    this.#idOf = once === undefined ? null : textBy(once.id, context.reads);
    this.#head = headOf(once, `${keyPrefix}squall:once:${context.topology}:${context.component}`);
    this.#context = context;
    this.#repeated = context.counter(
      'redis_repeated_rows_total',
      'Rows that the sink did nothing for, as their id had been seen.',
    );
    this.#connection = new RedisConnection(options);
  }

  /** @throws Error when Redis refuses the login */
  static async open(options: RedisSinkOptions, context: SinkContext): Promise<RedisSink> {
    const task = new RedisSink(options, context);
    await task.#connection.ready((message) => context.warn(message));
    return task;
  }

  write(row: Row<PublicRow>): number {
    const { key, args } = this.#commands.of(row);
    const id = this.#idOf === null ? '' : shortId(this.#idOf(row));
    let batch = this.#waiting.at(-1);
    if (batch === undefined || batch.full)
      this.#waiting.push((batch = new Batch(this.#head, this.#rows)));
    this.#rows++;
    return batch.add(key, id, args);
  }

  /** Rows that come meanwhile wait for the next flush, also while this one is tried again. */
  async flush(): Promise<Refusals> {
    if (this.#sending.length === 0) this.#begin();
    const unsent = await this.#send();
    if (unsent !== null) throw unsent;
    const { repeated, refused } = this.#settled;
    if (repeated > 0) this.#repeated.add(repeated);
    return refused;
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #begin(): void {
    this.#sending = this.#waiting;
    this.#waiting = [];
    this.#rows = 0;
    this.#settled = { repeated: 0, refused: new Map() };
    for (const batch of this.#sending) batch.close(this.#commands.after);
  }

  /** All at once, in order on one connection. Returns what kept some from being done. */
  async #send(): Promise<Error | null> {
    const sent = await Promise.allSettled(
      this.#sending.map((batch) => batch.send(this.#connection, this.#settled)),
    );
    const failed = sent.filter((each) => each.status === 'rejected').map(({ reason }) => reason);
    const fatal = failed.find((error) => !(error instanceof Unavailable));
    // Its rows fail, and are replayed: nothing of them may wait here.
    if (fatal !== undefined) this.#sending = [];
    else this.#sending = this.#sending.filter((_, i) => sent[i]!.status === 'rejected');
    const error = (fatal ?? failed[0] ?? null) as Error | null;
    if (error instanceof Unavailable) this.#context.warn(`${error.message}: rows wait for it.`);
    return error;
  }
}

const headOf = (once: Once | undefined, base: string): Argument[] =>
  once === undefined ? ['', 1] : [base, durationMs(once.window)];
