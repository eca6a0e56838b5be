/** Messages that killed their workers so often that they are not tried again: they become dead letters as they come. @module */
import type { Killing } from '../ledger/failure.js';
import type { MessageId } from '../ledger/identity.js';

export interface Verdict {
  readonly message: MessageId;
  readonly failure: Killing;
  /** How often it was tried and cost a worker. */
  readonly attempts: number;
}

export class Condemned {
  readonly #verdicts = new Map<string, Verdict>();
  /** There is one: looked at once a message, before anything else is. */
  any = false;

  add(verdict: Verdict): void {
    this.#verdicts.set(keyOf(verdict.message), verdict);
    this.any = true;
  }

  of(message: MessageId): Verdict | undefined {
    return this.#verdicts.get(keyOf(message));
  }
}

/** For maps. */
export const keyOf = ({ spout, partition, position }: MessageId): string =>
  JSON.stringify([spout, partition, position]);
