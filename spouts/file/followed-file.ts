/**
 * One file as it grows. It is known by its open descriptor, so a rename does not matter.
 *
 * A file that has become shorter, or begins otherwise than it did, was cut back and written anew
 * (logrotate's copytruncate): it is read from 0 again as another generation.
 *
 * @module
 */
import { closeSync, fstatSync } from 'node:fs';
import type { LineBatch } from '../../topology/dsl/line-batch.js';
import type { BatchPool } from './batch-pool.js';
import { identify, partitionOf, readHead, type Commit, type Identity } from './identity.js';
import { LineReader } from './line-reader.js';
import { remaining } from './ranges.js';

export interface FollowedFileOptions {
  readonly path: string;
  readonly id: string;
  readonly fd: number;
  readonly commits: readonly Commit[];
  readonly maxLineBytes: number;
  readonly pool: BatchPool;
  /** Says that the file was cut back. */
  readonly truncated: (path: string) => void;
}

export class FollowedFile {
  readonly id: string;
  path: string;
  /** Since when no name of it is followed any more, in milliseconds since 1970. */
  goneSince: number | undefined;
  /** Whether nothing was left to read when it was last asked. */
  drained = false;
  readonly #of: FollowedFileOptions;
  #identity: Identity | undefined;
  #generationLeft = -1;
  /** What earlier runs left out in between, then the end without an end. */
  #readers: { readonly partition: string; readonly lines: LineReader }[] = [];
  #turn = 0;
  #size = 0;

  constructor(of: FollowedFileOptions) {
    this.#of = of;
    this.id = of.id;
    this.path = of.path;
    // A file cut back while nobody followed it is looked at now: it may have grown again by the first read.
    const { size } = fstatSync(of.fd);
    const last = Math.max(-1, ...of.commits.map(({ generation }) => generation));
    const isCut = of.commits.some(({ generation, end }) => generation === last && end > size);
    if (isCut) this.#generationLeft = last;
  }

  /** The next lines; undefined when there is no whole line now. The pool must be ready. */
  next(): LineBatch | undefined {
    for (;;) {
      const reader = this.#readers[this.#turn]?.lines;
      const batch = reader?.next();
      this.drained = !batch && !reader?.finished && !this.#grown();
      if (batch || this.drained) return batch;
      if (reader?.finished) this.#turn++;
    }
  }

  /** Bytes at its end that were not read yet. */
  get lag(): number {
    const { fd, commits } = this.#of;
    const last = this.#readers.at(-1);
    // Before its first read, what earlier runs committed.
    const position = last?.lines.position ?? Math.max(0, ...commits.map(({ end }) => end));
    return Math.max(0, fstatSync(fd).size - position);
  }

  /** What stands behind the last newline, as a line: for a file that nobody goes on with. */
  rest(): LineBatch | undefined {
    const last = this.#readers.at(-1)?.lines;
    if (last) last.whole = true;
    return last?.next();
  }

  /** Closes the file and says how far each partition was read. */
  close(): [partition: string, position: number][] {
    closeSync(this.#of.fd);
    return this.#readers.map(({ partition, lines }) => [partition, lines.position]);
  }

  /** Whether there may be something new. */
  #grown(): boolean {
    const { size } = fstatSync(this.#of.fd);
    if (
      this.#identity &&
      (size < this.#size || (size > this.#size && !this.#sameHead(this.#identity)))
    )
      this.#leave(this.#identity);
    if (size === this.#size) return false;
    this.#size = size;
    if (!this.#identity) this.#begin(size);
    for (const { lines } of this.#readers) lines.limit = size;
    return true;
  }

  #begin(size: number): void {
    const { fd, id, commits, maxLineBytes, pool } = this.#of;
    const file = { fd, path: this.path };
    const { name, source, done } = (this.#identity = identify(
      file,
      id,
      commits,
      size,
      this.#generationLeft,
    ));
    this.#readers = remaining(done, Infinity).map((range) => {
      const partition = partitionOf(name, range);
      const from = { ...file, source, partition };
      return {
        partition,
        lines: new LineReader(from, range, { maxLineBytes, limit: size, whole: false }, pool),
      };
    });
  }

  #leave(identity: Identity): void {
    this.#of.truncated(this.path);
    this.#generationLeft = identity.generation;
    this.#identity = undefined;
    this.#readers = [];
    this.#turn = 0;
    this.#size = 0;
  }

  #sameHead({ head }: Identity): boolean {
    return readHead({ fd: this.#of.fd, path: this.path }, head.length).equals(head);
  }
}
