/**
 * The messages given up, kept with their reasons until someone looks: sealed records in segment files.
 *
 *     <state>/dead-letters/<writer>-<n>.dlq = Journal of: head sealed*      sealed: see `dead-letter.ts`
 *     head = version:1 byte  salt:16 bytes
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { seal, segmentKey, unseal, VERSION, type DeadLetter } from './dead-letter.js';
import { deadLetterKey, readKey } from './dead-letter-key.js';
import { Journal, readJournal, type OpenedJournal } from './journal.js';
import { whenMissing } from './system-error.js';

const SALT_BYTES = 16;
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
    this.#segmentAtHand().append(letter);
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
    const next = new Segment(this.#folder, `${this.#writer}-${this.#number++}${SUFFIX}`, this.#key);
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

/** A file of letters under one derived key. */
class Segment {
  bytes = 0;
  readonly #folder: string;
  readonly #name: string;
  readonly #key: Buffer;
  #count = 0;
  /** Records that wait until the file is open. */
  readonly #waiting: Buffer[] = [];
  #opened: Promise<OpenedJournal> | undefined;

  constructor(folder: string, name: string, folderKey: Buffer) {
    const salt = randomBytes(SALT_BYTES);
    this.#folder = folder;
    this.#name = name;
    this.#key = segmentKey(folderKey, salt);
    this.#add(Buffer.concat([Buffer.of(VERSION), salt]));
  }

  append(letter: DeadLetter): void {
    this.#add(seal(letter, this.#key, this.#name, this.#count));
  }

  async flush(): Promise<void> {
    await (await this.#journal()).flush();
  }

  async close(): Promise<void> {
    await (await this.#journal()).close();
  }

  #add(record: Buffer): void {
    this.#waiting.push(record);
    this.#count += 1;
    this.bytes += record.length;
  }

  async #journal(): Promise<Journal> {
    this.#opened ??= Journal.open(join(this.#folder, this.#name));
    try {
      const { journal } = await this.#opened;
      for (const record of this.#waiting.splice(0)) journal.append(record);
      return journal;
    } catch (error) {
      this.#opened = undefined;
      throw error;
    }
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
    const open = records.length > 0 ? segmentKey(key, records[0].subarray(1)) : key;
    for (let number = 1; number < records.length; number++) {
      const letter = unseal(records[number], open, name, number);
      if (letter) yield letter;
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
