/** Letters on their way through the topology again: what the runtime sees as messages of one partition. @module */
import type { Batch } from '../../topology/dsl/spout.js';
import type { Emit } from '../../topology/rows/row.js';
import type { DeadLetter } from '../state/dead-letter.js';
import type { KeptLetter } from '../state/letter-segments.js';

/** A letter, and the message that it was. */
export interface Revived {
  readonly kept: KeptLetter;
  /** Undefined when it cannot be made again of what was kept. */
  readonly message: Batch<never> | undefined;
  /** Of the letters of its spout. */
  readonly number: number;
}

export class LetterBatch implements Batch<object> {
  readonly partition: string;
  readonly count: number;
  readonly #letters: readonly Revived[];

  constructor(partition: string, letters: readonly Revived[]) {
    this.partition = partition;
    this.count = letters.length;
    this.#letters = letters;
  }

  /** Of the memory that it holds. */
  get bytes(): number {
    return this.#letters.reduce((sum, { kept }) => sum + kept.letter.raw.length, 0);
  }

  positionAfter(i: number): number {
    return this.#letters[i]!.number + 1;
  }

  emit(i: number, emit: Emit<object>): void {
    this.#letters[i]!.message!.emit(0, emit as never);
  }

  raw(i: number): Uint8Array {
    return this.#letters[i]!.kept.letter.raw;
  }

  origin(i: number): unknown {
    return this.#letters[i]!.kept.letter.origin;
  }

  rejected(i: number): string | undefined {
    const { message } = this.#letters[i]!;
    return message === undefined ? 'it cannot be sent again' : message.rejected?.(0);
  }

  /** What is still true of it when it is given up again. */
  besides(i: number): Partial<DeadLetter> {
    const { id, letter } = this.#letters[i]!.kept;
    const { partition, position, besides, replays = 0 } = letter;
    return { id, replays: replays + 1, partition, position, besides };
  }

  extract(i: number): LetterBatch {
    return new LetterBatch(this.partition, [this.#letters[i]!]);
  }
}

/** A letter that was given up again, as it is kept. */
export const givenUpAgain = (letter: DeadLetter): DeadLetter => ({
  ...letter,
  ...(letter.besides as ReturnType<LetterBatch['besides']>),
});
