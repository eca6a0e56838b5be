/** What a task keeps by key so that it outlives a crash: `context.state()`. @module */

/**
 * A durable map of one task. Values are plain JSON and must not be changed after `put`.
 *
 * @example
 * const state = await context.state();
 * state.put(host, count);
 * await state.flush(); // durable: the rows that were counted may be acked
 */
export interface KeyedState {
  get(key: string): unknown;
  /** Seen by `get` at once; durable after the next `flush`. */
  put(key: string, value: unknown): void;
  /** Adds to a number, which is 0 before; returns the sum. @throws Error when there is something else */
  increment(key: string, by?: number): number;
  delete(key: string): void;
  entries(): Iterable<[string, unknown]>;
  /**
   * Resolves when all that was put or deleted before the call is durable. What one call stores is
   * stored as a whole or not at all. When it throws (disk full), nothing is lost: call it again.
   */
  flush(): Promise<void>;
}
