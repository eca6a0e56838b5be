/** A timer of a bolt: `context.every`. @module */
import type { Timer } from '../clock.js';
import type { Core } from './core.js';
import { isPromise } from './promise.js';

export class Periodic {
  readonly #core: Core;
  readonly #component: number;
  readonly #periodMs: number;
  readonly #call: () => unknown;
  #timer: Timer;
  /** The last call, while it is not done. */
  running: Promise<void> = Promise.resolve();

  constructor(core: Core, component: number, periodMs: number, call: () => unknown) {
    this.#core = core;
    this.#component = component;
    this.#periodMs = periodMs;
    this.#call = call;
    this.#timer = this.#next();
  }

  /** Calls once more and never again. */
  last(): void {
    this.cancel();
    this.#guarded();
  }

  cancel(): void {
    this.#timer.cancel();
  }

  #next(): Timer {
    return this.#core.ports.clock.setTimer(this.#periodMs, () => {
      this.#timer = this.#next();
      this.#guarded();
    });
  }

  /** A timer has no row that could fail: the operator is told, and the next call may go better. */
  #guarded(): void {
    const told = (error: unknown): void =>
      void this.#core.fault(this.#component, error, 'in a call of every(): ');
    try {
      const result = this.#core.call(this.#component, this.#call);
      if (isPromise(result)) this.running = Promise.resolve(result).then(() => {}, told);
    } catch (error) {
      told(error);
    }
  }
}
