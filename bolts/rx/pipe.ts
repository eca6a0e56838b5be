/** A pipe from the time it is built until it has ended or failed. @module */
import { Subject, Subscription, type SchedulerLike } from 'rxjs';
import type { Rejected } from '../../topology/dsl/reject.js';
import { RowError } from '../../topology/rows/row-error.js';
import { Tracker, type Origin, type Origins } from './origins.js';
import { Rows } from './rows.js';

/** What a user writes, its types erased: streams by name. */
export type Build = (
  rows: Rows<unknown>,
  scheduler: SchedulerLike,
) => { readonly [stream: string]: unknown };

/** What a pipe tells its task. */
export interface PipeEvents {
  emitted(stream: string, value: object, origins: Origins): void;
  /** Nothing is pushed through the pipe any more, for now. */
  readonly ran: () => void;
  /** See `Tracker.reject`. */
  readonly rejected: (error: Rejected, origins: Origins) => boolean;
  /** All rows that its operators kept have failed; it does no more. */
  failed(pipe: Pipe, error: unknown): void;
}

export class Pipe {
  readonly tracker: Tracker;
  readonly #events: PipeEvents;
  readonly #input = new Subject<unknown>();
  readonly #subscription = new Subscription();
  #connected = false;
  #completing = false;
  #failure: { readonly error: unknown } | null = null;

  constructor(scheduler: SchedulerLike, events: PipeEvents) {
    this.tracker = new Tracker(scheduler, events.rejected, events.ran);
    this.#events = events;
  }

  /** @throws what `build` throws, and Error when it does not return rows for each of `streams`, or one of them emits at once */
  connect(build: Build, streams: readonly string[]): void {
    const outputs = build(new Rows(this.#input, this.tracker), this.tracker.scheduler);
    const odd = Object.keys(outputs).find((stream) => !streams.includes(stream));
    if (odd !== undefined) throw new Error(`The pipe returns "${odd}", which is not in emits.`);
    for (const stream of streams) this.#subscribe(stream, outputs[stream]);
    if (this.#failure !== null) throw this.#failure.error;
    this.#connected = true;
  }

  push(row: object, origin: Origin): void {
    this.tracker.run([origin], () => this.#input.next(row));
  }

  /** What operators keep is emitted; the pipe ends when all inner streams have. */
  complete(): void {
    this.#completing = true;
    this.tracker.run([], () => this.#input.complete());
  }

  #subscribe(stream: string, rows: unknown): void {
    if (!(rows instanceof Rows))
      throw new Error(`The pipe returns no rows for "${stream}", which is in emits.`);
    const subscription = Rows.parts(rows as Rows<object>).source.subscribe({
      next: (value) => this.#emitted(stream, value),
      error: (error) => this.#fail(error),
      complete: () => {
        if (!this.#completing) this.#fail(new RowError(ENDED));
      },
    });
    this.#subscription.add(subscription);
  }

  #emitted(stream: string, value: object): void {
    const { current } = this.tracker;
    if (current.length === 0) this.#fail(new RowError(UNACCOUNTED));
    else this.#events.emitted(stream, value, current);
  }

  #fail(error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = { error };
    for (const held of this.tracker.held) held.fail('rx-pipe-failed');
    this.#subscription.unsubscribe();
    if (this.#connected) this.#events.failed(this, error);
  }
}

const UNACCOUNTED =
  'The pipe emitted something that no row accounts for: an operator in passing() keeps values or emits by itself. Wrap one that keeps values in anchored().';
const ENDED =
  'The pipe ended by itself, as by take or first; what came later would be lost. Use operators that go on.';
