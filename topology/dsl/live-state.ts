/** What every keyed state has in memory: all of its values, and which have changed since they were stored. @module */
import type { KeyedState } from './state.js';

export abstract class LiveState implements KeyedState {
  protected readonly live: Map<string, unknown>;
  /** Keys put or deleted since the last flush began. */
  protected readonly dirty = new Set<string>();

  constructor(live: Map<string, unknown> = new Map()) {
    this.live = live;
  }

  abstract flush(): Promise<void>;

  get(key: string): unknown {
    return this.live.get(key);
  }

  put(key: string, value: unknown): void {
    this.live.set(key, value);
    this.dirty.add(key);
  }

  increment(key: string, by = 1): number {
    const before = this.live.get(key) ?? 0;
    if (typeof before !== 'number')
      throw new Error('increment: the state of that key is no number.');
    this.put(key, before + by);
    return before + by;
  }

  delete(key: string): void {
    if (this.live.delete(key)) this.dirty.add(key);
  }

  entries(): Iterable<[string, unknown]> {
    return this.live.entries();
  }
}
