/**
 * The messages given up, kept with their reasons until someone looks.
 *
 *     <state>/dead-letters/<writer>-<n>.dlq     a sealed segment (`segment.ts`) of letters (`dead-letter.ts`)
 *
 * @module
 */
import { files, type Store } from '../store.js';
import { encodeLetter, type DeadLetter } from './dead-letter.js';
import { deadLetterKey } from './dead-letter-key.js';
import { lettersFolder, segmentsOf, SUFFIX } from './letter-segments.js';
import { Segment } from './segment.js';

const SEGMENT_BYTES_MAX = 64 * 1024 * 1024;

/**
 * The one writer of its name.
 *
 * @example
 * const letters = await DeadLetters.open('state', 'worker-0');
 * letters.append({ time: Date.now(), reason: { kind: 'timeout' }, attempts: 3, origin: {}, topology: 'web',
 *   partition: 'a.log', position: 12, raw: Buffer.from('a line') });
 * await letters.flush();
 */
export class DeadLetters {
  readonly #folder: string;
  readonly #writer: string;
  readonly #key: Buffer;
  readonly #files: Store;
  #number: number;
  /** The last one is appended to; the ones before are full and not yet closed. */
  readonly #segments: Segment[] = [];
  #storing: Promise<void> = Promise.resolve();

  private constructor(folder: string, writer: string, key: Buffer, number: number, store: Store) {
    this.#folder = folder;
    this.#writer = writer;
    this.#key = key;
    this.#number = number;
    this.#files = store;
  }

  /** `writer` (a file name's part) must be nobody else's who lives. Files are made when there is a letter. @throws Error when the key file is not fit */
  static async open(stateDir: string, writer: string, store = files): Promise<DeadLetters> {
    const key = await deadLetterKey(stateDir, store);
    const numbers = (await segmentsOf(stateDir, store)).flatMap((name) => numberOf(name, writer));
    const number = Math.max(0, ...numbers) + 1;
    return new DeadLetters(lettersFolder(stateDir), writer, key, number, store);
  }

  /** Takes a letter; stored by the next `flush`. */
  append(letter: DeadLetter): void {
    this.#segmentAtHand().append(...encodeLetter(letter));
  }

  /** Resolves when every letter appended before is durable. May be called again after it threw; nothing is lost. */
  flush(): Promise<void> {
    const store = (): Promise<void> => this.#store();
    this.#storing = this.#storing.then(store, store);
    return this.#storing;
  }

  /** Flushes and closes. */
  async close(): Promise<void> {
    await this.flush();
    await this.#segments.pop()?.close();
  }

  #segmentAtHand(): Segment {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.bytes < SEGMENT_BYTES_MAX) return last;
    const name = `${this.#writer}-${this.#number++}${SUFFIX}`;
    const next = new Segment(this.#folder, name, this.#key, 'dead letters', this.#files);
    this.#segments.push(next);
    return next;
  }

  async #store(): Promise<void> {
    while (this.#segments.length > 1) {
      await this.#segments[0].close();
      this.#segments.shift();
    }
    await this.#segments[0]?.flush();
  }
}

/** The number of a writer's segment, or nothing. */
function numberOf(name: string, writer: string): number[] {
  const number = name.startsWith(`${writer}-`) ? name.slice(writer.length + 1, -SUFFIX.length) : '';
  return /^\d+$/.test(number) ? [Number(number)] : [];
}
