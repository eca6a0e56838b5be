/** Rows of one bolt task that are not done when its call returns; each is settled once, later. @module */
import type { Failure } from '../ledger/failure.js';
import { settle, type Anchor } from './anchor.js';
import type { Core } from './core.js';

export class OpenRows {
  readonly #core: Core;
  readonly component: number;
  #count = 0;

  constructor(core: Core, component: number) {
    this.#core = core;
    this.component = component;
    core.keepers.add(this);
  }

  get count(): number {
    return this.#count;
  }

  /** Takes the row at hand over from its visit. */
  take(): Anchor {
    this.#count++;
    return this.#core.visit.anchor();
  }

  /** @throws RowError when it was settled before */
  settle(anchor: Anchor, failure: Failure | null): void {
    const { acks, counters, wake } = this.#core;
    settle(anchor, acks, failure);
    this.#count--;
    if (failure === null) counters.acked[this.component]!++;
    else counters.fail(this.component, failure.kind);
    wake();
  }
}
