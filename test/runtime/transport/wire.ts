/** Two ends of a connection for tests: rows of one schema go into an outbox and come out of an inbox. @module */
import { Base } from '../../../topology/rows/base.js';
import { emitter } from '../../../topology/rows/emitter.js';
import { int, text } from '../../../topology/rows/field.js';
import { headBytes, readImage, type Slab } from '../../../topology/rows/image.js';
import { baseLayout, layoutOf } from '../../../topology/rows/layout.js';
import { placesOf, schema } from '../../../topology/rows/schema.js';
import type { Failure } from '../../../runtime/ledger/failure.js';
import { ROW_HEAD } from '../../../runtime/transport/frame.js';
import type { Receiver } from '../../../runtime/transport/inbox.js';
import { Outbox } from '../../../runtime/transport/outbox.js';

const Sent = schema('sent', { number: int(), body: text() });

export type Item =
  | {
      readonly what: 'row';
      readonly number: number;
      readonly body: string;
      readonly edge: number;
      readonly task: number;
    }
  | { readonly what: 'ack'; readonly number: number }
  | { readonly what: 'mark'; readonly number: number }
  | { readonly what: 'fail'; readonly number: number; readonly failure: Failure };

/** An outbox whose bytes go where the test puts them. What it wrote is read only when it is taken. */
export class Sender {
  readonly outbox: Outbox;
  readonly #written: { bytes: Buffer; taken: () => void }[] = [];
  readonly #stream: Buffer[] = [];

  constructor(onTaken?: () => void) {
    this.outbox = new Outbox(onTaken);
    this.connect();
  }

  connect(): void {
    this.outbox.connect({ write: (bytes, taken) => void this.#written.push({ bytes, taken }) });
  }

  send(item: Item): void {
    const { number } = item;
    if (item.what === 'ack') return this.outbox.ack(number, -number, number * 3, number * 5);
    if (item.what === 'mark') return this.outbox.mark(number);
    if (item.what === 'fail') return this.outbox.fail(number, -number, item.failure);
    const anchor = { worker: 7, slot: number, generation: -number, high: 0, low: 0 };
    emitter('test', Sent, (row) => {
      this.outbox.row(
        item.edge,
        item.task,
        anchor,
        number * 3,
        number * 5,
        number * 7,
        layoutOf(row)!.imageWriter(Sent),
        row,
      );
    })({ number, body: item.body });
  }

  /** The other end takes the oldest `count` frames. */
  take(count = Infinity): void {
    for (const { bytes, taken } of this.#written.splice(0, count)) {
      this.#stream.push(Buffer.from(bytes));
      taken();
    }
  }

  /** All that was taken, as one. */
  get stream(): Buffer {
    return Buffer.concat(this.#stream);
  }

  get frames(): readonly Buffer[] {
    return this.#stream;
  }
}

/** Collects what comes in, as what was sent. */
export class Collector implements Receiver {
  readonly items: Item[] = [];
  readonly #base: Base;
  readonly #wrong = (what: string): Error =>
    new Error(`The ${what} came in with other numbers than it was sent with.`);

  constructor() {
    const { spans, numbers } = placesOf(Sent);
    this.#base = new Base(
      Buffer.alloc(0),
      new Int32Array(2 * spans.length),
      new Float64Array(numbers.length),
    );
  }

  row(slab: Slab, at: number, end: number): void {
    const [, where, worker, slot, generation, high, low, group] = slab.ints.subarray(
      at >> 2,
      end >> 2,
    );
    readImage(this.#base, slab, at + ROW_HEAD, end, placesOf(Sent).numbers.length, headBytes(Sent));
    const { number, body } = new (baseLayout(Sent).Row)(this.#base, this.#base.generation) as {
      number: number;
      body: string;
    };
    if (
      String([worker, slot, generation, high, low, group]) !==
      String([7, number, -number, number * 3, number * 5, number * 7])
    )
      throw this.#wrong('row');
    this.items.push({ what: 'row', number, body, edge: where! & 0xffff, task: where! >>> 16 });
  }

  ack(number: number, generation: number, high: number, low: number): void {
    if (String([generation, high, low]) !== String([-number, number * 3, number * 5]))
      throw this.#wrong('ack');
    this.items.push({ what: 'ack', number });
  }

  fail(number: number, generation: number, failure: Failure): void {
    if (generation !== -number) throw this.#wrong('fail');
    this.items.push({ what: 'fail', number, failure });
  }

  mark(number: number): void {
    this.items.push({ what: 'mark', number });
  }

  of(...kinds: readonly Item['what'][]): Item[] {
    return this.items.filter(({ what }) => kinds.includes(what));
  }
}
