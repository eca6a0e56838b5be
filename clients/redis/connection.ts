/**
 * Our port to Redis: scripts that run as a whole, over a connection that is made again when it breaks.
 *
 * What is asked while there is none is refused at once, and what is under way when it breaks is given
 * back: nothing is queued or sent again behind the caller's back. Behind it stands ioredis.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { addressOf, redisName, type RedisOptions } from './options.js';
import {
  isRefusal,
  loginError,
  replyCode,
  systemCode,
  Unavailable,
  waitedFor,
} from './unavailable.js';

/** Lua that Redis runs without anything in between. Its arguments are all in `ARGV`. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

export const script = (lua: string): Script => ({
  lua,
  sha: createHash('sha1').update(lua).digest('hex'),
});

const CONNECT_DELAY_MS_MAX = 1_000;
/** A server that says nothing for so long while it is asked something is taken for gone. */
const SILENCE_MS_MAX = 5_000;

const SETTINGS = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  socketTimeout: SILENCE_MS_MAX,
  connectTimeout: SILENCE_MS_MAX,
  disconnectTimeout: 100,
  retryStrategy: (times: number) => Math.min(50 * times, CONNECT_DELAY_MS_MAX),
};

export class RedisConnection {
  readonly server: string;
  readonly #options: RedisOptions;
  readonly #client: Redis;
  /** What was wrong with the connection last. */
  #error: unknown = null;

  /** Begins to connect. @throws Error when `url` is none */
  constructor(options: RedisOptions) {
    this.server = redisName(options);
    this.#options = options;
    const { host, port, db, username, password, tls } = addressOf(options);
    const login = {
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
    };
    this.#client = new Redis({ host, port, db, ...login, ...(tls && { tls }), ...SETTINGS });
    this.#client.on('error', (error) => (this.#error = error));
  }

  /**
   * Resolves when the server answers, however long that takes.
   *
   * @param waiting told once when it does not answer at first
   * @throws Error when it refuses the login or the database
   */
  async ready(waiting: (message: string) => void): Promise<void> {
    for (let tries = 0; ; tries++) {
      const answer = await this.#client.ping().catch((error: unknown) => error);
      const refused = loginError(this.server, this.#options, this.#error);
      if (refused !== null) throw refused;
      if (answer === 'PONG') return;
      if (tries === PATIENT_TRIES) {
        const why = systemCode(this.#error) ?? 'no answer';
        waiting(`${this.#unavailable(answer).message} (${why}): nothing runs until it answers.`);
      }
      await new Promise((done) => setTimeout(done, Math.min(20 * 2 ** tries, 500)));
    }
  }

  /**
   * Runs a script. @throws Unavailable when the server cannot be asked now, and then it may have run or not;
   * Error with the server's answer when it refuses
   */
  async run({ sha, lua }: Script, args: readonly (string | number)[]): Promise<unknown> {
    try {
      return await this.#client.evalsha(sha, 0, ...args).catch((error: unknown) => {
        if (replyCode(error) !== 'NOSCRIPT') throw error;
        return this.#client.eval(lua, 0, ...args);
      });
    } catch (error) {
      throw isRefusal(error) ? error : this.#unavailable(error);
    }
  }

  /** Runs a script once for each of `calls`, with nothing in between (MULTI). @throws as `run` */
  async runAll({ lua }: Script, calls: readonly (readonly (string | number)[])[]): Promise<void> {
    const transaction = this.#client.multi();
    for (const args of calls) transaction.eval(lua, 0, ...args);
    try {
      for (const [error] of (await transaction.exec()) ?? []) if (error !== null) throw error;
    } catch (error) {
      throw isRefusal(error) ? error : this.#unavailable(error);
    }
  }

  /** The fields of a hash, each at least once. @throws as `run` */
  async *hash(key: string): AsyncGenerator<[field: string, value: string]> {
    let cursor = '0';
    do {
      const [next, pairs] = await this.#client
        .hscan(key, cursor, 'COUNT', 500)
        .catch((error: unknown) => {
          throw isRefusal(error) ? error : this.#unavailable(error);
        });
      for (let i = 0; i < pairs.length; i += 2) yield [pairs[i]!, pairs[i + 1]!];
      cursor = next;
    } while (cursor !== '0');
  }

  close(): void {
    this.#client.disconnect();
  }

  /** For an error that a script met, by its first word: OOM, READONLY, … */
  unavailable(code: string): Unavailable {
    // A replica: the master may be found where the name points to now.
    if (code === 'READONLY') this.#client.disconnect(true);
    return new Unavailable(this.server, `can do nothing now (${code})`);
  }

  #unavailable(error: unknown): Unavailable {
    const code = replyCode(error);
    if (code !== undefined) return this.unavailable(code);
    return new Unavailable(this.server, 'cannot be reached', waitedFor(systemCode(this.#error)));
  }
}

/** Until a server that is there has answered. */
const PATIENT_TRIES = 5;
