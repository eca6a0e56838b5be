/** Ids in Redis, which all tasks of a run share, and all runs. @module */
import { RedisConnection, script } from '../../clients/redis/connection.js';
import type { RedisOptions } from '../../clients/redis/options.js';
import { remembering } from '../../clients/redis/remember.js';
import type { BoltContext, Streams } from '../../topology/dsl/context.js';
import type { Ids } from './ids.js';

/** Lua for each id: `1` or `0`. ARGV: base, window in ms, id … */
const asking = (what: string) =>
  script(`${remembering('ARGV[1]', 'ARGV[2]')}
local answers = {}
for i = 3, #ARGV do answers[i - 2] = ${what}(ARGV[i]) and 1 or 0 end
return answers
`);

const SEEN = asking('seen');
const REMEMBER = asking('remember');

/** Ids in one request. */
const REQUEST_MAX = 500;

export class RedisIds implements Ids {
  readonly #connection: RedisConnection;
  readonly #seen: Gathered;
  readonly #remember: Gathered;

  private constructor(connection: RedisConnection, ask: (what: typeof SEEN) => Ask) {
    this.#connection = connection;
    this.#seen = new Gathered(ask(SEEN));
    this.#remember = new Gathered(ask(REMEMBER));
  }

  /** Waits while Redis cannot be reached. @throws Error when it refuses the login */
  static async open<Out extends Streams>(
    context: BoltContext<Out>,
    options: RedisOptions & { readonly key?: string },
    windowMs: number,
  ): Promise<RedisIds> {
    const { topology, component } = context;
    const key = options.key ?? `squall:dedupe:${topology}:${component}`;
    const head = [`${options.keyPrefix ?? ''}${key}`, windowMs];
    const connection = new RedisConnection(options);
    const ask = (what: typeof SEEN) => (ids: readonly string[]) =>
      context.durably(() => connection.run(what, [...head, ...ids]));
    try {
      await connection.ready((message) => context.warn(message));
    } catch (error) {
      connection.close();
      throw error;
    }
    return new RedisIds(connection, ask);
  }

  async has(id: string): Promise<boolean> {
    return (await this.#seen.ask(id)) === 1;
  }

  async add(id: string): Promise<void> {
    await this.#remember.ask(id);
  }

  close(): void {
    this.#connection.close();
  }
}

type Ask = (ids: readonly string[]) => Promise<unknown>;

interface Request {
  readonly ids: string[];
  readonly answers: Promise<readonly unknown[]>;
}

/** Asks for all ids of a turn of the event loop at once. */
class Gathered {
  readonly #ask: Ask;
  /** Takes more ids. */
  #open: Request | null = null;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async ask(id: string): Promise<unknown> {
    let request = this.#open;
    if (request === null || request.ids.length === REQUEST_MAX) request = this.#begin();
    const place = request.ids.push(id) - 1;
    return (await request.answers)[place];
  }

  #begin(): Request {
    const ids: string[] = [];
    const answers = new Promise((next) => setImmediate(next)).then(async () => {
      if (this.#open?.ids === ids) this.#open = null;
      const answer = await this.#ask(ids);
      if (!Array.isArray(answer)) throw new Error('Redis gave no list for a script.');
      return answer as unknown[];
    });
    return (this.#open = { ids, answers });
  }
}
