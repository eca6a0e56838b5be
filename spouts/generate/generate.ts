/**
 * Made-up access logs: for benchmarks, demonstrations and tests of a topology.
 *
 * The lines are udp2log's of 2013 (`parse({ format: 'udp2log' })`). A replay and a restart give the
 * same lines.
 *
 * @module
 */
import { LineBatch } from '../../topology/dsl/line-batch.js';
import { RawLine } from '../../topology/dsl/raw-line.js';
import { spout, type Spout, type SpoutContext, type SpoutTask } from '../../topology/dsl/spout.js';
import { viewOf } from '../../topology/rows/base.js';
import { LineWriter, LINES_PER_SECOND } from './line-writer.js';
import { endlessShares, finiteShares, type Share } from './shares.js';

export interface GenerateOptions {
  /** How many, over all tasks; without it there is no end. */
  readonly lines?: number;
  /** How many a second, over all tasks; by default as fast as they are taken. The times in the lines go on at this rate, or at 5000 a second. */
  readonly ratePerSecond?: number;
  /** Other seeds, other lines. By default 1. */
  readonly seed?: number;
}

/**
 * @throws Error for options that are out of range
 *
 * @example
 * const lines = t.spout('requests', generate({ lines: 1_000_000 }));
 */
export function generate({ lines, ratePerSecond, seed = 1 }: GenerateOptions = {}): Spout<RawLine> {
  if (lines !== undefined && !(Number.isSafeInteger(lines) && lines >= 0))
    throw new Error('generate: lines must be a whole number, 0 or more.');
  if (ratePerSecond !== undefined && !(ratePerSecond > 0))
    throw new Error('generate: ratePerSecond must be above 0.');
  if (!Number.isInteger(seed)) throw new Error('generate: seed must be a whole number.');
  const name = `seed ${seed}`;
  return spout<RawLine>({
    kind: 'generate',
    emits: RawLine,
    parameters: {
      ...(lines !== undefined && { lines }),
      ...(ratePerSecond !== undefined && { ratePerSecond }),
      seed,
    },
    assign: (tasks, committed) =>
      lines === undefined
        ? endlessShares(name, tasks, committed)
        : finiteShares(name, lines, tasks, committed),
    open: (context) =>
      new GenerateTask(
        context,
        new LineWriter(seed, ratePerSecond ?? LINES_PER_SECOND),
        name,
        ratePerSecond ?? Infinity,
      ),
    revive: LineBatch.revive,
  });
}

class GenerateTask implements SpoutTask<RawLine> {
  readonly #context: SpoutContext;
  readonly #writer: LineWriter;
  readonly #source: string;
  /** Shares that still have lines; the first is at work. */
  readonly #shares: Share[];
  #next: number;
  readonly #ratePerMs: number;
  readonly #openedMs: number;
  #emitted = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Batches whose memory is free. */
  readonly #pool: LineBatch[] = [];

  constructor(context: SpoutContext, writer: LineWriter, source: string, ratePerSecond: number) {
    this.#context = context;
    this.#writer = writer;
    this.#source = source;
    this.#shares = (context.assignment as Share[]).map((share) => ({
      ...share,
      first: context.committed.get(share.partition) ?? share.first,
    }));
    this.#next = this.#shares[0]?.first ?? 0;
    this.#ratePerMs = ratePerSecond / 1000 / context.tasks;
    this.#openedMs = context.now();
  }

  poll(): LineBatch | 'idle' | 'done' {
    const share = this.#share();
    if (share === undefined) return 'done';
    const due =
      Math.floor((this.#context.now() - this.#openedMs) * this.#ratePerMs) - this.#emitted;
    return due > 0 || this.#ratePerMs === Infinity ? this.#fill(share, due) : this.#idle();
  }

  release(batch: LineBatch): void {
    this.#pool.push(batch);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** The share that the next line is of. */
  #share(): Share | undefined {
    while (this.#shares.length > 0 && this.#next >= (this.#shares[0]!.end ?? Infinity)) {
      this.#shares.shift();
      this.#next = this.#shares[0]?.first ?? 0;
    }
    return this.#shares[0];
  }

  #fill({ partition, step, end }: Share, due: number): LineBatch {
    const batch =
      this.#pool.pop() ??
      new LineBatch(LINES_PER_BATCH * (this.#writer.lineBytesMax + 1), LINES_PER_BATCH);
    const { bytes } = batch;
    const view = viewOf(bytes);
    const left = end === null ? Infinity : Math.ceil((end - this.#next) / step);
    const count = Math.min(LINES_PER_BATCH, left, this.#ratePerMs === Infinity ? Infinity : due);
    batch.begin(partition, this.#source, `generated, ${this.#source}`);
    for (let at = 0, i = 0; i < count; i++, this.#next += step) {
      const lineEnd = this.#writer.write(this.#next, bytes, view, at);
      batch.add(at, lineEnd, this.#next, this.#next + step);
      bytes[lineEnd] = LINE_FEED;
      at = lineEnd + 1;
    }
    batch.end();
    this.#emitted += count;
    return batch;
  }

  /** Until the next line is due, but for 10 ms at least, so that fast rates come in batches. */
  #idle(): 'idle' {
    const dueMs = this.#openedMs + (this.#emitted + 1) / this.#ratePerMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#context.wake(),
      Math.max(IDLE_MS_MIN, dueMs - this.#context.now()),
    );
    return 'idle';
  }
}

const LINES_PER_BATCH = 512;
const IDLE_MS_MIN = 10;
const LINE_FEED = 10;
