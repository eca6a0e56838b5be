/** Which ids are done: what a store of `dedupe` has to do. @module */

/** Ids of one task. All have the same length (`idOf`). */
export interface Ids {
  /** Whether the id was added within the window. */
  has(id: string): boolean | Promise<boolean>;
  /** Resolves when the id outlives what the store outlives. */
  add(id: string): void | Promise<void>;
  close?(): void;
}
