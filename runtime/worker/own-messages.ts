/**
 * Messages that a bolt task begins itself: what `emitting` emits, and what a batch of rows comes to.
 * They stand in this worker's ledger as those of spouts do, but end with a call back and no replay.
 *
 * @module
 */
import type { Failure } from '../ledger/failure.js';
import type { Identity } from '../ledger/identity.js';
import type { Settler } from '../ledger/ledger.js';
import type { Core } from './core.js';
import type { Anchor } from './anchor.js';

interface CallBacks {
  readonly done: () => void;
  readonly failed: (failure: Failure) => void;
  /** The one row that it is all about. */
  readonly row: Anchor | undefined;
}

export class OwnMessages implements Settler {
  readonly #core: Core;
  readonly #component: number;
  /** Not settled. */
  #count = 0;

  constructor(core: Core, component: number) {
    this.#core = core;
    this.#component = component;
  }

  get count(): number {
    return this.#count;
  }

  /** Begins one, open until its anchor is acked; null, and `failed` is called, when the ledger has no room. */
  begin(done: () => void, failed: (failure: Failure) => void, row?: Anchor): Anchor | null {
    const { ledger, nowMs, options } = this.#core;
    const slot = ledger.open(this, { done, failed, row } satisfies CallBacks, 0, nowMs);
    if (slot >= 0) {
      this.#count++;
      return {
        worker: options.worker,
        slot,
        generation: ledger.generation(slot),
        high: ledger.high,
        low: ledger.low,
      };
    }
    failed({ kind: 'failed', component: this.#core.nameOf(this.#component), code: 'ledger-full' });
    return null;
  }

  identify(message: unknown): Identity {
    const { row } = message as CallBacks;
    return row === undefined ? {} : this.#core.identify(row);
  }

  settled(message: unknown, _index: number, failure: Failure | null): void {
    const { done, failed } = message as CallBacks;
    this.#count--;
    try {
      if (failure === null) done();
      else failed(failure);
    } catch (error) {
      // Whoever acked is not to blame, and goes on.
      this.#core.fault(this.#component, error, 'after emitting: ');
    }
  }
}

/** The word for a failure that user code is told. */
export const codeOf = (failure: Failure): string =>
  failure.kind === 'failed' ? failure.code : failure.kind;
