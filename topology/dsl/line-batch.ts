/**
 * A batch of lines in one piece of memory: what every line spout hands to the runtime.
 *
 * The reader fills `bytes`, then calls `add` per line. The source's name lies behind the lines, so
 * that a row's `source` is a span like any other and costs nothing.
 *
 * @module
 */
import { isAscii } from 'node:buffer';
import type { Base } from '../rows/base.js';
import { CUT, OVER } from '../rows/cutting.js';
import type { Emit } from '../rows/row.js';
import type { RawLine } from './raw-line.js';
import type { Batch, KeptMessage } from './spout.js';

/** What a line is beside its bytes. */
interface Besides {
  readonly source: string;
  readonly file: string;
  readonly offset: number;
  readonly rejected?: string;
}

export class LineBatch implements Batch<RawLine> {
  partition = '';
  count = 0;
  readonly bytes: Buffer;
  #starts: Int32Array;
  #ends: Int32Array;
  #offsets: Float64Array;
  #positions: Float64Array;
  #sourceAt = 0;
  #sourceEnd = 0;
  #file = '';
  #ascii = false;
  #rejected: Map<number, string> | null = null;

  /** `size` bytes for lines, and room for `lines` of them to begin with. */
  constructor(size: number, lines = 1024) {
    this.bytes = Buffer.allocUnsafeSlow(size + SOURCE_BYTES_MAX + SLACK);
    this.#starts = new Int32Array(lines);
    this.#ends = new Int32Array(lines);
    this.#offsets = new Float64Array(lines);
    this.#positions = new Float64Array(lines);
  }

  /** Room for lines. */
  get size(): number {
    return this.bytes.length - SOURCE_BYTES_MAX - SLACK;
  }

  /**
   * Begins anew.
   * @param source what ids are made from (RawLine's `source`), at most 256 bytes
   * @param file what people call it: the path that a dead letter names
   */
  begin(partition: string, source: string, file: string): void {
    this.partition = partition;
    this.count = 0;
    this.#file = file;
    this.#sourceAt = this.size;
    this.#sourceEnd =
      this.#sourceAt + this.bytes.write(source, this.#sourceAt, SOURCE_BYTES_MAX, 'utf8');
    this.#rejected = null;
    this.#ascii = false;
  }

  /** A line at [start, end) of `bytes`; `offset` is where it begins in its source, `position` where reading goes on after it. */
  add(start: number, end: number, offset: number, position: number, rejected?: string): void {
    const i = this.count++;
    if (i === this.#starts.length) this.#grow();
    this.#starts[i] = start;
    this.#ends[i] = end;
    this.#offsets[i] = offset;
    this.#positions[i] = position;
    if (rejected !== undefined) (this.#rejected ??= new Map()).set(i, rejected);
  }

  /** Called once after the last `add`: looks once whether all of it is ASCII, so that no row need. */
  end(): void {
    if (this.count === 0) return;
    const bytes = this.bytes.subarray(this.#starts[0], this.#ends[this.count - 1]);
    this.#ascii = isAscii(bytes) && isAscii(this.bytes.subarray(this.#sourceAt, this.#sourceEnd));
  }

  positionAfter(i: number): number {
    return this.#positions[i]!;
  }

  emit(i: number, emit: Emit<RawLine>): void {
    this.fill(i, emit[OVER](this));
    emit[CUT](NONE);
  }

  /** Puts the fields of `RawLine` into a base over this batch, also of a row that has more behind them. */
  fill(i: number, base: Base): void {
    const { spans, spanAt, numbers, numberAt } = base;
    spans[spanAt] = base.lineStart = this.#starts[i]!;
    spans[spanAt + 1] = base.lineEnd = this.#ends[i]!;
    spans[spanAt + 2] = this.#sourceAt;
    spans[spanAt + 3] = this.#sourceEnd;
    numbers[numberAt] = this.#offsets[i]!;
    base.ascii = this.#ascii;
  }

  raw(i: number): Uint8Array {
    return this.bytes.subarray(this.#starts[i], this.#ends[i]);
  }

  origin(i: number): { file: string; offset: number } {
    return { file: this.#file, offset: this.#offsets[i]! };
  }

  besides(i: number): Besides {
    const rejected = this.rejected(i);
    return {
      source: this.bytes.utf8Slice(this.#sourceAt, this.#sourceEnd),
      file: this.#file,
      offset: this.#offsets[i]!,
      ...(rejected !== undefined && { rejected }),
    };
  }

  rejected(i: number): string | undefined {
    return this.#rejected?.get(i);
  }

  extract(i: number): LineBatch {
    const { partition } = this;
    return single(partition, this.#positions[i]!, this.raw(i), this.besides(i));
  }

  /** A line that was kept, for the `revive` of a spout of lines. @throws Error when it was not kept of a batch of lines */
  static revive({ partition, position, raw, besides }: KeptMessage): LineBatch {
    if (isBesides(besides)) return single(partition, position, raw, besides);
    throw new Error('It was not kept as a line is.');
  }

  #grow(): void {
    const size = this.#starts.length * 2;
    const grown = <A extends Int32Array | Float64Array>(from: A, to: A): A => (to.set(from), to);
    this.#starts = grown(this.#starts, new Int32Array(size));
    this.#ends = grown(this.#ends, new Int32Array(size));
    this.#offsets = grown(this.#offsets, new Float64Array(size));
    this.#positions = grown(this.#positions, new Float64Array(size));
  }
}

function single(partition: string, position: number, raw: Uint8Array, besides: Besides): LineBatch {
  const one = new LineBatch(raw.length, 1);
  one.begin(partition, besides.source, besides.file);
  one.bytes.set(raw);
  one.add(0, raw.length, besides.offset, position, besides.rejected);
  one.end();
  return one;
}

const isBesides = (value: unknown): value is Besides =>
  typeof value === 'object' &&
  value !== null &&
  'source' in value &&
  typeof value.source === 'string' &&
  'file' in value &&
  typeof value.file === 'string' &&
  'offset' in value &&
  typeof value.offset === 'number';

const SOURCE_BYTES_MAX = 256;
/** 4-byte copies may read over the end by three bytes. */
const SLACK = 8;
const NONE = {};
