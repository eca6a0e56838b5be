/** Emits rows one by one, each as a message of its own, and tells when each is stored. @module */
import type { BoltContext, EmitAll, Streams } from '../../topology/dsl/context.js';

/** The worker has no room for another message of a bolt's own; it will. */
const FULL = 'ledger-full';
const RETRY_MS = 50;
const RETRIES_MAX = 256;

interface Failure {
  readonly code: string;
  readonly error: Error;
}

export class Passing<Out extends Streams> {
  readonly #context: BoltContext<Out>;
  /** Emissions that wait for room: no more than there are rows in flight. */
  readonly #waiting: (() => void)[] = [];

  constructor(context: BoltContext<Out>) {
    this.#context = context;
    // In case others had the room: then nothing of ours comes back to tell.
    context.every(RETRY_MS, () => {
      for (const room of this.#waiting.splice(0, RETRIES_MAX)) room();
    });
  }

  /** Resolves when what `emitting` emits was stored, or could not be: with what the row at hand is to fail with. */
  async pass(emitting: (emit: EmitAll<Out>) => void): Promise<Failure | null> {
    let failure = await this.#try(emitting);
    while (failure?.code === FULL) {
      await new Promise<void>((room) => this.#waiting.push(room));
      failure = await this.#try(emitting);
    }
    this.#next();
    return failure;
  }

  #try(emitting: (emit: EmitAll<Out>) => void): Promise<Failure | null> {
    return new Promise((settled) => {
      this.#context.emitting(
        emitting,
        () => settled(null),
        (code, error) => settled({ code, error }),
      );
    });
  }

  #next(): void {
    this.#waiting.shift()?.();
  }
}
