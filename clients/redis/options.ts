/** Where a Redis is and how to log in. @module */
import type { ConnectionOptions } from 'node:tls';

export interface RedisOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. What is given beside it goes before. */
  readonly url?: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 6379. */
  readonly port?: number;
  /** `{}` for TLS as usual. */
  readonly tls?: ConnectionOptions;
  readonly username?: string;
  /** Better taken from the environment than written into a topology. */
  readonly password?: string;
  /** Number of the database; default 0. */
  readonly db?: number;
  /** Put before every key and channel. */
  readonly keyPrefix?: string;
}

/**
 * The server for plans and messages, without the login: `127.0.0.1:6379/0`.
 *
 * @throws Error when `url` is none
 */
export function redisName(options: RedisOptions): string {
  const url = options.url === undefined ? undefined : parsed(options.url);
  const host = options.host ?? (url?.hostname || '127.0.0.1');
  const port = options.port ?? (url?.port || 6379);
  const db = options.db ?? (url?.pathname.slice(1) || 0);
  return `${host}:${port}/${db}`;
}

/** The error of `new URL` would show the password. */
function parsed(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'redis:' || url?.protocol === 'rediss:') return url;
  throw new Error('The url of a Redis is written redis://host:6379/0, or rediss:// for TLS.');
}
