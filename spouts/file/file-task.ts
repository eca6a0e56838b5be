/** A task that reads its pieces one after another and is done. @module */
import { closeSync } from 'node:fs';
import type { RawLine } from '../../topology/dsl/raw-line.js';
import type { LineBatch } from '../../topology/dsl/line-batch.js';
import type { Batch, SpoutContext, SpoutTask } from '../../topology/dsl/spout.js';
import type { GzipPiece, Piece, PlainPiece, StdinPiece } from './assign.js';
import type { BatchPool } from './batch-pool.js';
import { GzipChunks } from './gzip-chunks.js';
import { partitionOf } from './identity.js';
import { LineReader } from './line-reader.js';
import { openAgain } from './locate.js';
import { StdinChunks } from './stdin-chunks.js';
import { StreamReader, type Chunks, type StreamSource } from './stream-reader.js';

/** What reads a piece. */
interface PieceReader {
  next(): LineBatch | 'idle' | 'done';
  close(): void;
}

export class FileTask implements SpoutTask<RawLine> {
  readonly #pieces: Piece[];
  readonly #context: SpoutContext;
  readonly #maxLineBytes: number;
  readonly #pool: BatchPool;
  #reader: PieceReader | undefined;

  constructor(
    pieces: readonly Piece[],
    context: SpoutContext,
    maxLineBytes: number,
    pool: BatchPool,
  ) {
    this.#pieces = [...pieces];
    this.#context = context;
    this.#maxLineBytes = maxLineBytes;
    this.#pool = pool;
  }

  poll(): LineBatch | 'idle' | 'done' {
    while (this.#pool.ready) {
      this.#reader ??= this.#open();
      if (!this.#reader) return 'done';
      const batch = this.#reader.next();
      if (batch !== 'done') return batch;
      this.close();
    }
    return 'idle';
  }

  release(batch: Batch<RawLine>): void {
    const wasReady = this.#pool.ready;
    this.#pool.give(batch);
    if (!wasReady) this.#context.wake();
  }

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }

  #open(): PieceReader | undefined {
    const piece = this.#pieces.shift();
    if (!piece) return undefined;
    if (piece.how === 'plain') return this.#plain(piece);
    return piece.how === 'gzip' ? this.#gzip(piece) : this.#stdin(piece);
  }

  #plain(piece: PlainPiece): PieceReader {
    const { path, source, size: limit } = piece;
    const partition = partitionOf(piece.name, piece);
    const range = { ...piece, from: this.#from(partition, piece.from) };
    const fd = openAgain(path, piece.id);
    const options = { maxLineBytes: this.#maxLineBytes, limit, whole: true };
    const reader = new LineReader({ fd, path, source, partition }, range, options, this.#pool);
    const next = (): LineBatch | 'done' => reader.next() ?? this.#atEnd(path, reader.limit, limit);
    return { next, close: () => closeSync(fd) };
  }

  #atEnd(path: string, end: number, size: number): 'done' {
    if (end < size) {
      this.#context.warn(
        `${path}: has become shorter while it was read: ${end} bytes instead of ${size}. What was behind is lost.`,
      );
    }
    return 'done';
  }

  #gzip({ path, source, name, id, size, from }: GzipPiece): PieceReader {
    const partition = partitionOf(name, { start: 0, from: 0, end: Infinity });
    const start = this.#from(partition, from);
    const fd = openAgain(path, id);
    const chunks = new GzipChunks({ fd, path }, size, () => this.#context.wake());
    const reader = this.#stream(chunks, { path, source, partition, from: start, skip: start });
    return {
      next: () => reader.next(),
      close: () => {
        reader.close();
        closeSync(fd);
      },
    };
  }

  #stdin({ partition }: StdinPiece): PieceReader {
    const from = this.#from(partition, 0);
    if (from > 0) {
      this.#context.warn(
        'stdin: cannot be read again after a restart of the worker: lines that were under way are lost.',
      );
    }
    const chunks = new StdinChunks(
      process.stdin,
      () => this.#context.wake(),
      (message) => this.#context.warn(message),
    );
    return this.#stream(chunks, { path: 'stdin', source: partition, partition, from, skip: 0 });
  }

  #stream(chunks: Chunks, of: Omit<StreamSource, 'maxLineBytes'>): StreamReader {
    return new StreamReader(chunks, { ...of, maxLineBytes: this.#maxLineBytes }, this.#pool);
  }

  /** Where to go on: a worker that was started anew gets the same pieces, and what was committed since. */
  #from(partition: string, assigned: number): number {
    return Math.max(assigned, this.#context.committed.get(partition) ?? 0);
  }
}
