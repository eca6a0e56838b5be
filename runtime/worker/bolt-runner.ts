/**
 * Runs one task of a bolt, in the way its declaration asks for: row by row, with rows that it keeps,
 * or by the batch.
 *
 * @module
 */
import type { AnyBoltTask, Bolt } from '../../topology/dsl/bolt.js';
import type { Hold } from '../../topology/dsl/context.js';
import { RowError } from '../../topology/rows/row-error.js';
import { settle } from './anchor.js';
import { Batching } from './batching.js';
import type { Core } from './core.js';
import type { Accept } from './delivery.js';
import { bound, emittersOf, type Emitters } from './emitters.js';
import { Undone } from './fault.js';
import { keeping } from './keeping.js';
import { narrowing } from './narrowing.js';
import { OpenRows } from './open-rows.js';
import { codeOf, OwnMessages } from './own-messages.js';
import { perform } from './perform.js';
import { synchronous } from './synchronous.js';

export class BoltRunner {
  readonly #core: Core;
  readonly #component: number;
  readonly #bolt: Bolt<never, never>;
  readonly #emit: Emitters;
  readonly #open: OpenRows;
  readonly #messages: OwnMessages;
  #task: AnyBoltTask = {};
  /** Key group + 1 of the row that is being processed, of a bolt that remembers by key; 0 when none is. */
  #group = 0;
  #batching: Batching | null = null;

  constructor(
    core: Core,
    component: number,
    bolt: Bolt<never, never>,
    deliver: (stream: string) => Accept,
  ) {
    this.#core = core;
    this.#component = component;
    this.#bolt = bolt;
    this.#emit = emittersOf(core.nameOf(component), bolt, deliver);
    this.#open = new OpenRows(core, component);
    this.#messages = new OwnMessages(core, component);
  }

  /** Takes a row; set by `start`. */
  accept: Accept = () => {};

  start(task: AnyBoltTask): void {
    this.#task = task;
    const narrow = narrowing(this.#bolt.reads);
    if (task.processBatch === undefined && this.#bolt.keeps !== true) {
      this.#accepting(synchronous(this.#core, this.#component, task, this.#emit, narrow));
      return;
    }
    const take = task.processBatch === undefined ? this.#keeping() : this.#gathering();
    this.#accepting((row) => take(narrow(row)));
  }

  /** No row is open. */
  get idle(): boolean {
    return this.#open.count === 0;
  }

  /** Nor is any message of its own. */
  get settled(): boolean {
    return this.idle && this.#messages.count === 0;
  }

  /** The key group of the row at hand. @throws RowError when there is none */
  get group(): number {
    if (this.#group === 0) throw new RowError('here() was called outside of process().');
    return this.#group - 1;
  }

  /** Hands over the rows that wait for a batch. */
  hurry(): void {
    this.#batching?.flush();
  }

  async close(): Promise<void> {
    await this.#task.close?.();
  }

  /** The task gets no more rows: has it put what it remembers into its state. */
  async handOver(): Promise<void> {
    await this.#task.handOver?.();
  }

  /** Whatever it still has open is nobody's. */
  retire(): void {
    this.#core.keepers.delete(this.#open);
  }

  /** Takes the row at hand over from its visit. */
  hold(): Hold {
    const { visit, counters } = this.#core;
    if (!visit.active) throw new RowError('hold() was called outside of process().');
    const anchor = this.#open.take();
    // When process() returns the row is counted as done, but now it is not.
    counters.acked[this.#component]!--;
    return {
      ack: () => this.#open.settle(anchor, null),
      fail: (code) =>
        this.#open.settle(anchor, {
          kind: 'failed',
          component: this.#core.nameOf(this.#component),
          code,
        }),
    };
  }

  /** Runs `run` as a message of this worker's own. */
  emitting(
    run: (emit: Emitters) => void,
    done: () => void,
    failed: (code: string, error: Error) => void,
  ): void {
    const { visit, acks, wake } = this.#core;
    const message = this.#messages.begin(done, (failure) =>
      failed(codeOf(failure), new Undone(failure)),
    );
    if (message === null) return;
    perform(
      this.#core,
      this.#component,
      message,
      () => run(bound(this.#emit, visit, message)),
      (failure) => {
        settle(message, acks, failure);
        wake();
      },
    );
  }

  #accepting(accept: Accept): void {
    if (this.#bolt.remembers !== 'keyed') return void (this.accept = accept);
    const { visit } = this.#core;
    this.accept = (row) => {
      this.#group = visit.group;
      accept(row);
      this.#group = 0;
    };
  }

  #keeping(): Accept {
    return keeping(this.#core, this.#component, this.#task, this.#emit, this.#open);
  }

  #gathering(): Accept {
    this.#batching = new Batching(
      this.#core,
      this.#component,
      this.#task,
      this.#emit,
      this.#open,
      this.#messages,
    );
    return this.#batching.accept;
  }
}
