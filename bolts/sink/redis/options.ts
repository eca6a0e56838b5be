/** What a row becomes in Redis. @module */
import type { RedisOptions } from '../../../clients/redis/options.js';
import type { Duration } from '../../../topology/dsl/duration.js';

/** Keys, fields and channels are templates: `hits:{dt:yyyy-MM-dd}`. */
export type RedisCommand =
  /** Adds to a field of a hash. */
  | {
      readonly command: 'HINCRBY';
      readonly key: string;
      readonly field: string;
      /** How much: a number, or the name of an int field. Default 1. */
      readonly by?: number | string;
      readonly ttl?: Duration;
    }
  /** Adds an entry to a stream: the fields of the row, those that are null left out. */
  | {
      readonly command: 'XADD';
      readonly key: string;
      readonly maxLength?: number;
      readonly ttl?: Duration;
    }
  /** Adds the row as JSON to the end of a list. */
  | {
      readonly command: 'RPUSH';
      readonly key: string;
      readonly maxLength?: number;
      readonly ttl?: Duration;
    }
  /** Sets a key to the row as JSON. */
  | { readonly command: 'SET'; readonly key: string; readonly ttl?: Duration }
  /** Publishes the row as JSON to whoever listens now: nobody may. */
  | { readonly command: 'PUBLISH'; readonly channel: string };

export interface Once {
  /** What makes rows the same, a template: `{id}`. */
  readonly id: string;
  /** How long Redis remembers an id at least: longer than anything may be replayed after. */
  readonly window: Duration;
}

/**
 * `ttl` counts from the last write to a key. `maxLength` keeps the newest entries: of a stream about so many, of a list exactly.
 */
export type RedisSinkOptions = RedisOptions &
  RedisCommand & {
    /** Does each row's command only if its id was not seen within the window: see `redis`. */
    readonly once?: Once;
  };
