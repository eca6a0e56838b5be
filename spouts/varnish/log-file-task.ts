/** Reads the text of varnishlog from a file, and is done at its end. @module */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { LineBatch } from '../../topology/dsl/line-batch.js';
import type { SpoutTask } from '../../topology/dsl/spout.js';
import { VarnishRequests, type VarnishRequest } from './request.js';
import { isGrouped, Transactions } from './transactions.js';

/** The file as it was at the start of the run; plain JSON. */
export interface LogFile {
  readonly path: string;
  /** `<device>:<inode>`: the partition. Positions are bytes. */
  readonly id: string;
  readonly size: number;
}

/** @throws Error when there is none, or it begins like something else */
export function logFile(path: string): LogFile {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stats?.isFile())
    throw new Error(`${path}: no such file. Relative paths begin at ${process.cwd()}.`);
  const first = firstLine(path);
  if (first !== undefined && !isGrouped(first))
    throw new Error(
      `${path}: is not what "varnishlog -g request" writes, by its first line. Take the spout "file" for lines of varnishncsa.`,
    );
  return { path: resolve(path), id: `${stats.dev}:${stats.ino}`, size: Number(stats.size) };
}

/** The first that is not empty, as far as one read goes; undefined when there is none. */
function firstLine(path: string): string | undefined {
  const fd = openSync(path, 'r');
  const head = Buffer.alloc(CHUNK_BYTES);
  const got = readSync(fd, head, 0, CHUNK_BYTES, 0);
  closeSync(fd);
  return head
    .latin1Slice(0, got)
    .split('\n')
    .find((line) => line.trim() !== '');
}

interface Found {
  readonly line: string;
  readonly offset: number;
  readonly position: number;
}

export class LogFileTask implements SpoutTask<VarnishRequest> {
  readonly #file: LogFile;
  readonly #fd: number;
  readonly #transactions: Transactions;
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  /** Where the next read begins. */
  #at: number;
  /** What was read and is not a whole line. */
  #rest = '';
  /** Where the transaction at hand begins. */
  #header: number;
  /** Where the request at hand begins. */
  #offset: number;
  #found: Found[] = [];

  constructor(file: LogFile, from: number, recordBytesMax: number) {
    this.#file = file;
    this.#fd = openSync(file.path, 'r');
    this.#transactions = new Transactions(recordBytesMax);
    this.#at = this.#header = this.#offset = from;
  }

  poll(): VarnishRequests | 'done' {
    while (this.#found.length === 0 && this.#at < this.#file.size) this.#read();
    if (this.#found.length === 0) this.#keep(this.#transactions.end(), this.#at);
    return this.#found.length === 0 ? 'done' : new VarnishRequests(this.#batch());
  }

  close(): void {
    closeSync(this.#fd);
  }

  #read(): void {
    const length = Math.min(CHUNK_BYTES, this.#file.size - this.#at);
    const got = readSync(this.#fd, this.#chunk, 0, length, this.#at);
    if (got === 0)
      throw new Error(
        `${this.#file.path}: has become shorter while it was read. Read a file that stays.`,
      );
    const lines = (this.#rest + this.#chunk.latin1Slice(0, got)).split('\n');
    let start = this.#at - this.#rest.length;
    this.#at += got;
    // The end of the file ends its last line.
    this.#rest = this.#at < this.#file.size ? lines.pop()! : '';
    for (const line of lines) {
      if (line.startsWith('*')) this.#header = start;
      start += line.length + 1;
      this.#keep(this.#transactions.line(line), line === '' ? start : this.#header);
    }
  }

  /** @param end of the request, and where the next one begins */
  #keep(line: string | undefined, end: number): void {
    if (line === undefined) return;
    const position = Math.min(end, this.#file.size);
    this.#found.push({ line, offset: this.#offset, position });
    this.#offset = position;
  }

  #batch(): LineBatch {
    const lines = this.#found.map(({ line }) => Buffer.from(line));
    const bytes = lines.reduce((sum, { length }) => sum + length, 0);
    const batch = new LineBatch(bytes, lines.length);
    batch.begin(this.#file.id, this.#file.id, this.#file.path);
    let at = 0;
    for (const [i, line] of lines.entries()) {
      batch.bytes.set(line, at);
      batch.add(at, at + line.length, this.#found[i]!.offset, this.#found[i]!.position);
      at += line.length;
    }
    batch.end();
    this.#found = [];
    return batch;
  }
}

const CHUNK_BYTES = 256 * 1024;
