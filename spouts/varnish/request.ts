/** Rows of `mode: 'log'` and `mode: 'file'`. @module */
import type { LineBatch } from '../../topology/dsl/line-batch.js';
import type { Batch } from '../../topology/dsl/spout.js';
import { flag, int, list, nullable, pii, text, time } from '../../topology/rows/field.js';
import { seal } from '../../topology/rows/pii.js';
import type { Emit } from '../../topology/rows/row.js';
import { schema, type RowOf } from '../../topology/rows/schema.js';
import { TAGS, type RequestHead } from './transactions.js';

/** A client request with all that Varnish logged of it. */
export const VarnishRequest = schema('varnish_request', {
  /** Its number, which Varnish counts anew when it is restarted. */
  vxid: int({ min: 0 }),
  /** When it began; null when that record is missing. */
  dt: nullable(time()),
  /** Varnish's client library gave it up before its end (`VSL` tags say why), or it is longer than 1 MiB. */
  incomplete: flag(),
  /** Tags of which a record was cut, or is just as long as the longest that Varnish does not cut. */
  cut: list(text()),
  /** JSON: `[["ReqMethod","GET"],["ReqHeader","Host: a"],…]` in Varnish's order; what is no UTF-8 is U+FFFD. */
  tags: pii('free_text', text()),
});

export type VarnishRequest = RowOf<typeof VarnishRequest>;

/** Requests as `transactions.ts` writes them. */
export class VarnishRequests implements Batch<VarnishRequest> {
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

  emit(i: number, emit: Emit<VarnishRequest>): void {
    const raw = this.lines.raw(i);
    const line = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
    const at = line.indexOf(TAGS);
    const head: RequestHead = JSON.parse(`${line.latin1Slice(0, at)}}`);
    emit({ ...head, tags: seal('free_text', line.subarray(at + TAGS.length, -1)) });
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

  extract(i: number): VarnishRequests {
    return new VarnishRequests(this.lines.extract(i));
  }
}
