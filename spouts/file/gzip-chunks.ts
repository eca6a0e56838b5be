/**
 * The decompressed bytes of a gzip file (RFC 1952, of one member or several).
 *
 * Compressed bytes are given to zlib a small chunk at a time and only when what it made before is
 * taken, so one chunk's worth of decompressed bytes waits here at most. A pipe of streams would not
 * do: it drops what it holds when the file turns out to be cut short.
 *
 * @module
 */
import { createGunzip, type Gunzip } from 'node:zlib';
import { readAt, type OpenFile } from './read-at.js';
import type { Chunks } from './stream-reader.js';

export class GzipChunks implements Chunks {
  fault: string | undefined;
  readonly #file: OpenFile;
  readonly #size: number;
  readonly #wake: () => void;
  readonly #input = Buffer.allocUnsafeSlow(INPUT_BYTES);
  #gunzip: Gunzip;
  /** Compressed bytes given to zlib, and where its last chunk of them began. */
  #fed = 0;
  #fedFrom = 0;
  #feeding = false;
  #ended = false;
  readonly #made: Buffer[] = [];
  /** Decompressed bytes made so far, and how many of a second try were made before. */
  #total = 0;
  #skip = 0;
  /** From here on byte by byte; see `#failed`. */
  #carefulFrom = Infinity;

  /**
   * @param size how many bytes of the file to read
   * @param wake called when there is something new to ask for
   */
  constructor(file: OpenFile, size: number, wake: () => void) {
    this.#file = file;
    this.#size = size;
    this.#wake = wake;
    this.#gunzip = this.#start();
    const head = this.#read(2);
    if (head.some((byte, i) => byte !== MAGIC[i])) this.#end('not gzip');
    // zlib takes nothing at all for a whole file.
    if (head.length === 0) this.#end('gzip cut short');
  }

  next(): Buffer | 'idle' | 'end' {
    const chunk = this.#made.shift();
    if (this.#made.length === 0 && !this.#feeding && !this.#ended) this.#feed();
    return chunk ?? (this.#ended ? 'end' : 'idle');
  }

  close(): void {
    this.#gunzip.destroy();
  }

  #start(): Gunzip {
    const gunzip = createGunzip({ chunkSize: OUTPUT_BYTES });
    gunzip.on('data', (made: Buffer) => this.#take(made));
    gunzip.on('end', () => this.#end());
    gunzip.on('error', (error: NodeJS.ErrnoException) => this.#failed(error));
    return gunzip;
  }

  #feed(): void {
    const step = this.#fed < this.#carefulFrom ? INPUT_BYTES : 1;
    const input = this.#read(Math.min(step, this.#size - this.#fed));
    if (input.length === 0) {
      this.#feeding = true;
      this.#gunzip.end();
      return;
    }
    this.#fedFrom = this.#fed;
    this.#fed += input.length;
    this.#feeding = true;
    this.#gunzip.write(input, (error) => {
      if (error) return;
      this.#feeding = false;
      this.#wake();
    });
  }

  #take(made: Buffer): void {
    const skipped = Math.min(this.#skip, made.length);
    this.#skip -= skipped;
    if (skipped === made.length) return;
    this.#total += made.length - skipped;
    this.#made.push(made.subarray(skipped));
    this.#wake();
  }

  /**
   * zlib keeps what it made of a chunk in which it found an error. To get at it, everything is
   * decompressed once more, the chunk at fault byte by byte.
   */
  #failed(error: NodeJS.ErrnoException): void {
    if (error.code === 'Z_BUF_ERROR') return this.#end('gzip cut short');
    if (this.#carefulFrom < Infinity) return this.#end('gzip corrupt');
    this.#carefulFrom = this.#fedFrom;
    this.#fed = 0;
    this.#skip = this.#total;
    this.#feeding = false;
    this.#gunzip = this.#start();
    this.#wake();
  }

  #end(fault?: string): void {
    this.fault = fault;
    this.#ended = true;
    this.#wake();
  }

  #read(length: number): Buffer {
    return this.#input.subarray(0, readAt(this.#file, this.#input, length, this.#fed));
  }
}

const MAGIC = [0x1f, 0x8b];
/** Small, because a chunk may grow a thousandfold: 32 MiB at worst. */
const INPUT_BYTES = 32 * 1024;
const OUTPUT_BYTES = 256 * 1024;
