/**
 * The messages given up, kept with their reasons until someone looks.
 *
 *     <state>/dead-letters/<writer>-<n>.dlq     a sealed segment (`segment.ts`) of letters (`dead-letter.ts`)
 *
 * @module
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeLetter, encodeLetter, type DeadLetter } from './dead-letter.js';
import { deadLetterKey, readKey } from './dead-letter-key.js';
import { readJournal } from './journal.js';
import { Segment, SegmentKey } from './segment.js';
import { whenMissing } from './system-error.js';

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
  #number: number;
  /** The last one is appended to; the ones before are full and not yet closed. */
  readonly #segments: Segment[] = [];
  #storing: Promise<void> = Promise.resolve();

  private constructor(folder: string, writer: string, key: Buffer, number: number) {
    this.#folder = folder;
    this.#writer = writer;
    this.#key = key;
    this.#number = number;
  }

  /** `writer` (a file name's part) must be nobody else's who lives. Files are made when there is a letter. @throws Error when the key file is not fit */
  static async open(stateDir: string, writer: string): Promise<DeadLetters> {
    const key = await deadLetterKey(stateDir);
    const numbers = (await segmentsOf(stateDir)).flatMap((name) => numberOf(name, writer));
    return new DeadLetters(join(stateDir, FOLDER), writer, key, Math.max(0, ...numbers) + 1);
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
    const next = new Segment(this.#folder, name, this.#key, 'dead letters');
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

/** Some letters could not be read. */
export class DeadLettersDamaged extends Error {
  override readonly name = 'DeadLettersDamaged';
}

/**
 * Reads every letter of a state folder, also while they are written, in the order of segments. What a killed writer had not flushed is no letter.
 *
 * @throws DeadLettersDamaged at the end, when all that can be read was read: names the segment and record that cannot
 */
export async function* readDeadLetters(
  stateDir: string,
): AsyncGenerator<DeadLetter, void, undefined> {
  const segments = await segmentsOf(stateDir);
  if (segments.length === 0) return;
  const key = await readKey(stateDir);
  if (key === undefined)
    throw new DeadLettersDamaged(
      `${stateDir} has dead letters but no dead-letters.key; they cannot be read without it.`,
    );
  const damaged: string[] = [];
  for (const name of segments) {
    const { records, changed } = await readJournal(join(stateDir, FOLDER, name));
    const open = new SegmentKey(name, records[0] ?? Buffer.alloc(0), key, 'dead letters');
    for (let number = 1; number < records.length; number++) {
      const record = open.unseal(records[number], number);
      if (record) yield decodeLetter(record);
      else damaged.push(`record ${number} of ${name}`);
    }
    if (changed) damaged.push(`record ${records.length} of ${name} and what follows it`);
  }
  if (damaged.length > 0) throw new DeadLettersDamaged(cannotBeRead(damaged));
}

const cannotBeRead = (damaged: readonly string[]): string =>
  `Dead letters cannot be read: ${damaged[0]}${damaged.length > 1 ? ` and ${damaged.length - 1} more` : ''}. ` +
  'They were changed after they were written, or dead-letters.key is not the one they were sealed with.';

const FOLDER = 'dead-letters';
const SUFFIX = '.dlq';

async function segmentsOf(stateDir: string): Promise<string[]> {
  const names = await readdir(join(stateDir, FOLDER)).catch(whenMissing([]));
  return names
    .filter((name) => name.endsWith(SUFFIX))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** The number of a writer's segment, or nothing. */
function numberOf(name: string, writer: string): number[] {
  const number = name.startsWith(`${writer}-`) ? name.slice(writer.length + 1, -SUFFIX.length) : '';
  return /^\d+$/.test(number) ? [Number(number)] : [];
}
