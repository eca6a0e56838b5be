/**
 * A file of sealed records: nothing of them is on disk in clear.
 *
 *     file   = Journal of: head sealed*
 *     head   = version:1 byte  salt:16 bytes
 *     sealed = version:1 byte  nonce:12 bytes  AES-256-GCM(record)  tag:16 bytes
 *
 * Each segment has a key of its own, HKDF-SHA256 (RFC 5869) of the owner's key and the salt: NIST SP 800-38D section 8.3
 * allows 2^32 records with random nonces per key. Additional data is the segment's name and the record's number (the
 * head is 0), so that no record can be moved, swapped or left out in the middle.
 *
 * @module
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { files, type Store } from '../store.js';
import { Journal, type OpenedJournal } from './journal.js';

/** Who reads a segment with the key of another purpose reads nothing. */
export type Purpose = 'dead letters' | 'received lines';

const VERSION = 1;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** By how much a record is longer when it is sealed. */
export const SEAL_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

/** The one writer of a segment. The file is made by the first `flush`. */
export class Segment {
  readonly name: string;
  readonly #folder: string;
  readonly #files: Store;
  readonly #key: Buffer;
  #bytes = 0;
  #count = 0;
  /** Records that wait until the file is open. */
  readonly #waiting: Buffer[] = [];
  #opened: Promise<OpenedJournal> | undefined;

  constructor(folder: string, name: string, key: Buffer, purpose: Purpose, store = files) {
    const salt = randomBytes(SALT_BYTES);
    this.name = name;
    this.#folder = folder;
    this.#files = store;
    this.#key = derived(key, salt, purpose);
    this.#add(Buffer.concat([Buffer.of(VERSION), salt]));
  }

  /** Of all records so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes a record, given in parts; stored by the next `flush`. */
  append(...parts: readonly Uint8Array[]): void {
    this.#add(seal(this.#key, additionalData(this.name, this.#count), parts));
  }

  /** Resolves when every record appended before is durable. May be called again after it threw; nothing is lost. */
  async flush(): Promise<void> {
    await (await this.#journal()).flush();
  }

  /** Flushes and closes. */
  async close(): Promise<void> {
    await (await this.#journal()).close();
  }

  #add(record: Buffer): void {
    this.#waiting.push(record);
    this.#count += 1;
    this.#bytes += record.length;
  }

  async #journal(): Promise<Journal> {
    this.#opened ??= Journal.open(join(this.#folder, this.name), this.#files);
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

/** Opens the records of a segment, and seals others in their places. */
export class SegmentKey {
  readonly #name: string;
  readonly #key: Buffer;

  /** @param head the first record of the segment */
  constructor(name: string, head: Buffer, key: Buffer, purpose: Purpose) {
    this.#name = name;
    this.#key = derived(key, head.subarray(1), purpose);
  }

  /** What stands in the place of a record that was removed: an empty one. */
  removed(record: number): Buffer {
    return seal(this.#key, additionalData(this.#name, record), []);
  }

  /** The record, or `undefined` when it was changed, moved or sealed with another key. */
  unseal(sealed: Buffer, record: number): Buffer | undefined {
    const bodyAt = 1 + NONCE_BYTES;
    if (sealed[0] !== VERSION || sealed.length < SEAL_BYTES) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(1, bodyAt));
    decipher.setAAD(additionalData(this.#name, record));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      const clear = decipher.update(sealed.subarray(bodyAt, -TAG_BYTES));
      decipher.final();
      return clear;
    } catch {
      return undefined;
    }
  }
}

function seal(key: Buffer, place: Buffer, parts: readonly Uint8Array[]): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(place);
  const sealed = parts.map((part) => cipher.update(part));
  return Buffer.concat([Buffer.of(VERSION), nonce, ...sealed, cipher.final(), cipher.getAuthTag()]);
}

const derived = (key: Buffer, salt: Buffer, purpose: Purpose): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, `squall ${purpose}`, 32));

const additionalData = (segment: string, record: number): Buffer =>
  Buffer.from(`${segment}\n${record}`);
