/** Where a Redis is and how to log in. @module */
import type { ConnectionOptions } from 'node:tls';

export interface RedisOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. What is given beside it goes before, but for what is undefined. */
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

/** What is needed to connect. */
export type Address = Omit<RedisOptions, 'url' | 'keyPrefix'> & {
  readonly host: string;
  readonly port: number;
  readonly db: number;
};

/** @throws Error when `url` is none */
export function addressOf({ url, keyPrefix: _, ...given }: RedisOptions): Address {
  const defaults = { host: '127.0.0.1', port: 6379, db: 0 };
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...defaults, ...(url !== undefined && parsed(url)), ...Object.fromEntries(said) };
}

/**
 * The server for plans and messages, without the login: `127.0.0.1:6379/0`.
 *
 * @throws Error when `url` is none
 */
export function redisName(options: RedisOptions): string {
  const { host, port, db } = addressOf(options);
  return `${host}:${port}/${db}`;
}

/** The error of `new URL` would show the password. */
function parsed(text: string): Partial<Address> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^rediss?:$/.test(url.protocol) || !/^(\/\d*)?$/.test(url.pathname))
    throw new Error('The url of a Redis is written redis://host:6379/0, or rediss:// for TLS.');
  const { hostname, port, pathname, username, password } = url;
  return {
    ...(hostname !== '' && { host: hostname.replaceAll(/[[\]]/g, '') }),
    ...(port !== '' && { port: Number(port) }),
    ...(pathname.length > 1 && { db: Number(pathname.slice(1)) }),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    ...(url.protocol === 'rediss:' && { tls: {} }),
  };
}
