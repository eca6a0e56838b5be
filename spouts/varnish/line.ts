/** Rows of `mode: 'ncsa'`. @module */
import type { LineBatch } from '../../topology/dsl/line-batch.js';
import { RawLine } from '../../topology/dsl/raw-line.js';
import type { Batch } from '../../topology/dsl/spout.js';
import { CUT, OVER } from '../../topology/rows/cutting.js';
import { flag } from '../../topology/rows/field.js';
import type { Emit } from '../../topology/rows/row.js';
import { extend, type RowOf } from '../../topology/rows/schema.js';
import { MARK } from './format.js';

/** A line of varnishncsa, for `parse`. */
export const VarnishLine = extend(
  RawLine,
  {
    /** Whether Varnish cut a URL or header of it, or it is just as long as the longest that Varnish does not cut. */
    cut: flag(),
  },
  'varnish_line',
);

export type VarnishLine = RowOf<typeof VarnishLine>;

/** Journalled lines: a mark at the end says that something of the line was cut. */
export class VarnishLines implements Batch<VarnishLine> {
  readonly lines: LineBatch;
  readonly partition: string;
  readonly count: number;

  constructor(lines: LineBatch) {
    this.lines = lines;
    this.partition = lines.partition;
    this.count = lines.count;
  }

  positionAfter(i: number): number {
    return this.lines.positionAfter(i);
  }

  emit(i: number, emit: Emit<VarnishLine>): void {
    const base = emit[OVER](this.lines);
    this.lines.fill(i, base);
    const { spans, spanAt, numbers, numberAt } = base;
    const cut = base.bytes[base.lineEnd - 1] === MARK && base.lineEnd > base.lineStart;
    if (cut) spans[spanAt + 1] = --base.lineEnd;
    // Behind `offset`.
    numbers[numberAt + 1] = cut ? 1 : 0;
    emit[CUT](NONE);
  }

  raw(i: number): Uint8Array {
    return this.lines.raw(i);
  }

  origin(i: number): unknown {
    return this.lines.origin(i);
  }

  besides(i: number): unknown {
    return this.lines.besides(i);
  }

  rejected(i: number): string | undefined {
    return this.lines.rejected(i);
  }

  extract(i: number): VarnishLines {
    return new VarnishLines(this.lines.extract(i));
  }
}

const NONE = {};
