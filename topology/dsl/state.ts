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
  /** Seen by `get` at once; durable after the next `flush`. @throws TypeError when the value is no JSON */
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

/**
 * What a bolt remembers by key, in parts that go to another task with their keys: `context.keyedState()`. A part is
 * of the rows of some keys; no two parts know of each other, and names in one mean nothing in another.
 *
 * @example
 * const state = await context.keyedState();
 * const process = (row: { host: string }) => void state.here().increment(row.host);
 */
export interface StateByKey {
  /** The part of the row at hand, whatever of it is awaited later. @throws RowError outside of `process` */
  here(): KeyedState;
  /** Those that hold something: what there was before a crash, or in the tasks that the keys were in. */
  parts(): Iterable<KeyedState>;
  /** Stores all parts, as the `flush` of any of them does. */
  flush(): Promise<void>;
}
