/** Reads the blocks of one segment, also while it is written. Synchronous: what is read has mostly just been written, and is in memory. @module */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { HEADER_BYTES } from './journal.js';
import { decodeBlock, HEAD_BYTES, segmentName, type Block } from './received.js';
import { SEAL_BYTES, SegmentKey } from './segment.js';

/** No block is longer: a length above it is damage. */
const RECORD_BYTES_MAX = 2 ** 26;

export class SegmentFile {
  readonly #fd: number;
  readonly #name: string;
  readonly #path: string;
  readonly #folderKey: Buffer;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #payload = Buffer.alloc(0);
  /** Where the next record begins, and its number. */
  #at = 0;
  #record = 0;
  #key: SegmentKey | undefined;

  /** @param offset the segment's name */
  constructor(folder: string, offset: number, folderKey: Buffer) {
    this.#name = segmentName(offset);
    this.#path = join(folder, this.#name);
    this.#fd = openSync(this.#path, 'r');
    this.#folderKey = folderKey;
  }

  /**
   * The next whole block, valid until the next call; undefined when there is none (yet). A damaged record with others
   * behind it is passed over: the offset of the next block tells that something is missing.
   */
  next(): Block | undefined {
    for (let length = this.#read(); length !== undefined; length = this.#read()) {
      const payload = this.#payload.subarray(0, length);
      const good = crc32(payload) === this.#header.readUInt32LE(4);
      // The last record may be half there: it is looked at again.
      if (!good && this.#at + HEADER_BYTES + length >= fstatSync(this.#fd).size) return undefined;
      this.#at += HEADER_BYTES + length;
      const clear = good ? this.#unseal(payload, this.#record) : undefined;
      this.#record += 1;
      if (clear !== undefined) return decodeBlock(clear);
    }
    return undefined;
  }

  /** How many bytes of lines it has, counting damaged blocks, so that what is written next leaves a gap for them. */
  bytes(): number {
    let bytes = 0;
    for (let length = this.#read(); length !== undefined; length = this.#read()) {
      if (this.#record > 0) bytes += length - SEAL_BYTES - HEAD_BYTES;
      this.#at += HEADER_BYTES + length;
      this.#record += 1;
    }
    return bytes;
  }

  /** Whether its name is another file's now: a writer found nothing whole in it and began anew. */
  replaced(): boolean {
    const now = statSync(this.#path, { throwIfNoEntry: false });
    return now !== undefined && now.ino !== fstatSync(this.#fd).ino;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Reads the record at hand; its length, or undefined when it is not all there. */
  #read(): number | undefined {
    if (readSync(this.#fd, this.#header, 0, HEADER_BYTES, this.#at) < HEADER_BYTES)
      return undefined;
    const length = this.#header.readUInt32LE(0);
    if (length === 0 || length > RECORD_BYTES_MAX) return undefined;
    if (this.#payload.length < length) this.#payload = Buffer.allocUnsafeSlow(2 * length);
    const read = readSync(this.#fd, this.#payload, 0, length, this.#at + HEADER_BYTES);
    return read < length ? undefined : length;
  }

  #unseal(payload: Buffer, record: number): Buffer | undefined {
    if (record > 0) return this.#key?.unseal(payload, record);
    this.#key = new SegmentKey(this.#name, payload, this.#folderKey, 'received lines');
    return undefined;
  }
}
