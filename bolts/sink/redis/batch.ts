/** Commands of some hundred rows, until Redis has taken or refused each. @module */
import type { RedisConnection } from '../../../clients/redis/connection.js';
import { apply } from './apply.js';
import type { Argument } from './row-command.js';

/** About 2 ms of a server that does nothing else meanwhile. */
const ROWS_MAX = 500;
const BYTES_MAX = 256 * 1024;

export interface Settled {
  /** Rows whose id had been seen before. */
  repeated: number;
  /** Reasons, by the place of the row among all. */
  readonly refused: Map<number, string>;
}

export class Batch {
  /** The place of the first row, of those that are left, among all. */
  #first: number;
  readonly #head: readonly Argument[];
  #args: Argument[] = [];
  #rows = 0;
  #bytes = 0;
  readonly #keys = new Set<string>();

  /** @param head arguments of the script that stand before all commands */
  constructor(head: readonly Argument[], first: number) {
    this.#head = head;
    this.#first = first;
  }

  get full(): boolean {
    return this.#rows >= ROWS_MAX || this.#bytes >= BYTES_MAX;
  }

  /** Adds a row's command; returns about how many bytes that took. */
  add(key: string, id: string, args: readonly Argument[]): number {
    let bytes = id.length + ROW_BYTES;
    this.#args.push(args.length, id);
    for (const arg of args) {
      this.#args.push(arg);
      if (typeof arg === 'string') bytes += arg.length;
    }
    this.#keys.add(key);
    this.#rows++;
    this.#bytes += bytes;
    return bytes;
  }

  /** Nothing comes any more but what is to be done for each key. */
  close(after: (key: string) => readonly (readonly Argument[])[]): void {
    for (const key of this.#keys)
      for (const args of after(key)) this.#args.push(args.length, '', ...args);
  }

  /**
   * Has Redis do what is left.
   *
   * @throws Unavailable when it is not all done: send again
   */
  async send(connection: RedisConnection, settled: Settled): Promise<void> {
    const applied = await apply(connection, [...this.#head, ...this.#args]);
    settled.repeated += applied.repeated;
    for (const [row, error] of applied.refused)
      if (row < this.#rows) settled.refused.set(this.#first + row, reasonOf(error));
    if (applied.stoppedAt === 0) return;
    this.#args = this.#args.slice(applied.stoppedAt - this.#head.length - 1);
    this.#rows -= applied.stoppedRow;
    this.#first += applied.stoppedRow;
    const code = /[A-Z]{3,}/.exec(applied.stoppedBy)?.[0] ?? 'an error';
    throw connection.unavailable(code);
  }
}

/** About what a command takes beside its texts: lengths and line ends. */
const ROW_BYTES = 32;

/** Never the text itself, which may quote a value, but what is known of it. */
function reasonOf(error: string): string {
  const known = KNOWN.find((text) => error.toLowerCase().includes(text.toLowerCase()));
  return `Redis refused it: ${known ?? error.split(' ', 1)[0]}`;
}

const KNOWN = [
  'WRONGTYPE Operation against a key holding the wrong kind of value',
  'hash value is not an integer',
  'increment or decrement would overflow',
  'string exceeds maximum allowed size',
  'unknown command',
  'unknown Redis command',
  'wrong number of arguments',
  'wrong number of args',
  'no permissions',
  "can't run this command",
  "can't access at least one of the keys",
  "can't access at least one of the channels",
  'invalid expire time',
];
