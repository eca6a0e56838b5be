/**
 * An append-only file of records that survives kill -9, a power cut and a full disk.
 *
 *     file   = record*
 *     record = length:u32le  crc:u32le  payload:length bytes      length >= 1, crc = CRC-32 (zlib) of payload
 *
 * A crash leaves a torn record at the end at most. Reading stops at the first record that is torn or does
 * not match its CRC; `open` cuts the file there. An empty record is none, so that a tail of zeros, which
 * some file systems leave behind, is a bad tail and not a million records.
 *
 * @module
 */
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { files, type Store, type StoreFile } from '../store.js';
import { makeFolder, syncFolder } from './folder.js';
import { whenMissing } from './system-error.js';

/**
 * What a writer that died could not sync is read from memory, and yet Linux takes it for clean: the end of a file, as far as
 * one flush may have gone, is written again by the first flush of the next writer.
 */
const FLUSH_BYTES_MAX = 64 * 1024 * 1024;

/** Of a record: length and CRC. */
export const HEADER_BYTES = 8;

/** What a journal file holds. */
export interface Scanned {
  /** In the order they were appended. Views of one buffer: copy what is kept for long. */
  readonly records: readonly Buffer[];
  /** Where the good records end. */
  readonly endBytes: number;
  /** How many bytes behind them are torn or corrupt. */
  readonly cutBytes: number;
  /** Whether the first of them is a whole record: then no crash tore it, but it was changed after it was written. */
  readonly changed: boolean;
}

export interface OpenedJournal extends Scanned {
  readonly journal: Journal;
}

/** The records of a file's bytes, up to the first bad one. */
export function scan(bytes: Buffer): Scanned {
  const records: Buffer[] = [];
  let end = 0;
  let changed = false;
  while (end + HEADER_BYTES < bytes.length) {
    const length = bytes.readUInt32LE(end);
    const payload = bytes.subarray(end + HEADER_BYTES, end + HEADER_BYTES + length);
    if (length === 0 || payload.length < length) break;
    changed = crc32(payload) !== bytes.readUInt32LE(end + 4);
    if (changed) break;
    records.push(payload);
    end += HEADER_BYTES + length;
  }
  return { records, endBytes: end, cutBytes: bytes.length - end, changed };
}

/** A record as it is written. */
export function frame(payload: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  record.writeUInt32LE(payload.length, 0);
  record.writeUInt32LE(crc32(payload), 4);
  record.set(payload, HEADER_BYTES);
  return record;
}

/** Reads a journal that another process may be writing; changes nothing. A missing file is an empty one. */
export async function readJournal(path: string, store = files): Promise<Scanned> {
  return scan(await store.readFile(path).catch(whenMissing(Buffer.alloc(0))));
}

/**
 * The one writer of a journal file.
 *
 * @example
 * const { journal, records } = await Journal.open('state/positions.log');
 * journal.append(Buffer.from('one more'));
 * await journal.flush(); // durable now
 */
export class Journal {
  readonly #path: string;
  readonly #files: Store;
  #handle: StoreFile;
  /** Everything before it is durable; the next write starts here. */
  #end: number;
  /** Records that no flush has stored yet, framed. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** The next flush writes a new file, of the pending records alone. */
  #replaces = false;
  /** The file's name may not be durable yet. */
  #unnamed = true;
  #current: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  /** @param tail the last bytes of the file: read, but nobody knows whether they are durable */
  private constructor(path: string, store: Store, handle: StoreFile, end: number, tail: Buffer) {
    this.#path = path;
    this.#files = store;
    this.#handle = handle;
    this.#end = end - tail.length;
    if (tail.length > 0) this.#pending.push(tail);
    this.#pendingBytes = tail.length;
  }

  /** Opens or creates the file, and the folders above it; reads its records (the file must be under 2 GiB) and cuts off a bad tail. */
  static async open(path: string, store = files): Promise<OpenedJournal> {
    await makeFolder(dirname(path), store);
    // Not 'a': in append mode Linux ignores the offset, and a retry could not rewrite.
    const handle = await store.open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    const bytes = await handle.readFile();
    const scanned = scan(bytes);
    const { endBytes, cutBytes } = scanned;
    if (cutBytes > 0) await handle.truncate(endBytes);
    const tail = bytes.subarray(Math.max(0, endBytes - FLUSH_BYTES_MAX), endBytes);
    return { ...scanned, journal: new Journal(path, store, handle, endBytes, tail) };
  }

  /** How large the file is when all that was appended is flushed. */
  get bytes(): number {
    return (this.#replaces ? 0 : this.#end) + this.#pendingBytes;
  }

  /** Takes a copy of one record of 1 byte or more; stored by the next `flush`. */
  append(payload: Uint8Array): void {
    if (payload.length === 0) throw new RangeError('A journal has no empty records.');
    const record = frame(payload);
    this.#pending.push(record);
    this.#pendingBytes += record.length;
  }

  /** Compaction: with the next `flush` these records stand for everything appended so far, atomically. */
  replaceAll(payloads: readonly Uint8Array[]): void {
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#replaces = true;
    for (const payload of payloads) this.append(payload);
  }

  /**
   * Resolves when everything appended before the call is durable. Calls made while one is under way share the next one
   * (group commit). When it throws (ENOSPC, EIO) nothing is lost: the next call writes the same records, and later ones, at the same place.
   */
  flush(): Promise<void> {
    this.#next ??= this.#current.then(
      () => this.#start(),
      () => this.#start(),
    );
    return this.#next;
  }

  /** Flushes and closes. When the flush throws, the journal stays open. */
  async close(): Promise<void> {
    await this.flush();
    await this.#handle.close();
  }

  #start(): Promise<void> {
    this.#next = undefined;
    this.#current = this.#replaces || this.#pending.length > 0 ? this.#store() : Promise.resolve();
    return this.#current;
  }

  async #store(): Promise<void> {
    const batch = Buffer.concat(this.#pending, this.#pendingBytes);
    const replaces = this.#replaces;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#replaces = false;
    // Counts as part of the file for `bytes`; given back if it cannot be stored.
    const start = replaces ? 0 : this.#end;
    this.#end = start + batch.length;
    try {
      if (replaces) await this.#renew(batch);
      else await write(this.#handle, batch, start);
      if (this.#unnamed) await syncFolder(dirname(this.#path), this.#files);
      this.#unnamed = false;
    } catch (error) {
      this.#giveBack(batch, start, replaces);
      throw error;
    }
  }

  /** Writing again, not only syncing again: after a failed fsync Linux takes the unwritten pages for clean. */
  #giveBack(batch: Buffer, start: number, replaces: boolean): void {
    this.#end = start;
    if (this.#replaces) return; // What replaced everything meanwhile stands for the batch, too.
    this.#pending.unshift(batch);
    this.#pendingBytes += batch.length;
    this.#replaces = replaces;
  }

  async #renew(bytes: Buffer): Promise<void> {
    const handle = await this.#files.open(`${this.#path}.tmp`, 'w', 0o600);
    try {
      await write(handle, bytes, 0);
      await this.#files.rename(`${this.#path}.tmp`, this.#path);
    } catch (error) {
      await handle.close();
      throw error;
    }
    const old = this.#handle;
    this.#handle = handle;
    this.#unnamed = true;
    await old.close();
  }
}

async function write(handle: StoreFile, bytes: Buffer, start: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done, start + done)).bytesWritten;
  }
  await handle.datasync();
}
