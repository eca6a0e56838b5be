/**
 * The memory that lines are read into, used again once the runtime has released it.
 *
 * At most `count` batches are out at a time: that is how much of a file waits in memory for the
 * bolts, and no more is read until one comes back.
 *
 * @module
 */
import { LineBatch } from '../../topology/dsl/line-batch.js';

export class BatchPool {
  /** Of a batch that is used again. */
  readonly batchBytes: number;
  readonly #countMax: number;
  readonly #free: LineBatch[] = [];
  readonly #out = new Set<object>();

  constructor(batchBytes = BATCH_BYTES, countMax = BATCHES_MAX) {
    this.batchBytes = batchBytes;
    this.#countMax = countMax;
  }

  /** Whether one more batch may go out. Ask before `take`. */
  get ready(): boolean {
    return this.#out.size < this.#countMax;
  }

  take(): LineBatch {
    return this.#lend(this.#free.pop() ?? new LineBatch(this.batchBytes));
  }

  /** Instead of `batch`, taken before, one for a single line of `bytes`. It is not kept for later: long lines are rare. */
  enlarge(batch: LineBatch, bytes: number): LineBatch {
    if (bytes <= batch.size) return batch;
    this.give(batch);
    return this.#lend(new LineBatch(bytes, 1));
  }

  /** Takes a batch back. One that is not out is ignored: given twice, its memory would be filled twice. */
  give(batch: object): void {
    if (!this.#out.delete(batch) || !(batch instanceof LineBatch)) return;
    if (batch.size === this.batchBytes) this.#free.push(batch);
  }

  #lend(batch: LineBatch): LineBatch {
    this.#out.add(batch);
    return batch;
  }
}

/** Half a megabyte reads no faster, and a batch waits for its slowest line. */
const BATCH_BYTES = 256 * 1024;
const BATCHES_MAX = 64;
