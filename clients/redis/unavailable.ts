/**
 * Tells a server that cannot serve now from one that refuses what it was asked.
 *
 * @module
 */
import { addressOf, type RedisOptions } from './options.js';

/**
 * The server cannot be reached, or says that it can do nothing now. Nobody knows whether what was under way was
 * done. The `code` is a system error's, so that the runtime waits and asks again.
 */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly code: string;

  constructor(server: string, what: string, code = 'EAGAIN') {
    super(`Redis at ${server} ${what}`);
    this.code = code;
  }
}

/** What the server answers about a request that it will never take, whatever happens to the server (the error's first word). */
const REFUSALS = new Set(['ERR', 'WRONGTYPE', 'NOPERM', 'NOSCRIPT', 'FENCED', 'TASKS']);

/** Of a login that fails. */
const LOGIN = new Set(['WRONGPASS', 'NOAUTH', 'ERR', 'NOPERM']);

/** The first word of an error that the server answered, e.g. `WRONGTYPE`; undefined for errors of the connection. */
export function replyCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined;
  return /^[A-Z]+/.exec(error.message)?.[0];
}

/** Whether the server refuses for good; its other answers are about its own state: LOADING, OOM, READONLY, MISCONF, … */
export const isRefusal = (error: unknown): boolean => REFUSALS.has(replyCode(error) ?? '');

/** What to tell whoever gave a login, or a database, that the server does not take. */
export function loginError(server: string, options: RedisOptions, error: unknown): Error | null {
  const code = replyCode(error);
  if (code === undefined || !LOGIN.has(code)) return null;
  const login = addressOf(options).username === undefined ? 'password' : 'username and password';
  return new Error(
    `Redis at ${server} refuses the connection (${code}): check ${login}, the number of the database, and what the user may do.`,
  );
}
