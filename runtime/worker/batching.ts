/** Runs a bolt that takes rows by the batch: what one turn brings, at most 256. @module */
import type { AnyBoltTask } from '../../topology/dsl/bolt.js';
import type { Failure } from '../ledger/failure.js';
import { settle, type Anchor } from './anchor.js';
import type { Core } from './core.js';
import type { Accept } from './delivery.js';
import { bound, type Emitters } from './emitters.js';
import type { OpenRows } from './open-rows.js';
import { codeOf, type OwnMessages } from './own-messages.js';
import { perform } from './perform.js';

const BATCH_ROWS_MAX = 256;
/** While it is noted what is at work: of a larger batch nobody could say which row it was. */
const RECORDED_ROWS_MAX = 1;

export class Batching {
  readonly #core: Core;
  readonly #component: number;
  readonly #task: AnyBoltTask;
  readonly #emit: Emitters;
  readonly #open: OpenRows;
  readonly #messages: OwnMessages;
  readonly #rowsMax: number;
  #rows: object[] = [];
  #anchors: Anchor[] = [];

  constructor(
    core: Core,
    component: number,
    task: AnyBoltTask,
    emit: Emitters,
    open: OpenRows,
    messages: OwnMessages,
  ) {
    this.#core = core;
    this.#component = component;
    this.#task = task;
    this.#emit = emit;
    this.#open = open;
    this.#messages = messages;
    this.#rowsMax = core.ports.record === undefined ? BATCH_ROWS_MAX : RECORDED_ROWS_MAX;
  }

  readonly accept: Accept = (row) => {
    const { counters, wake } = this.#core;
    counters.executed[this.#component]!++;
    this.#rows.push((row as { keep(): object }).keep());
    this.#anchors.push(this.#open.take());
    if (this.#rows.length === this.#rowsMax) this.flush();
    else wake();
  };

  /** Processes what waits. What a batch emits hangs on all of its rows: they are done when that is stored, and fail together. */
  flush(): void {
    const { visit, acks, wake } = this.#core;
    const rows = this.#rows;
    const anchors = this.#anchors;
    if (rows.length === 0) return;
    this.#rows = [];
    this.#anchors = [];
    const all = this.#messages.begin(
      () => this.#settle(anchors, null),
      (failure) =>
        this.#settle(anchors, {
          kind: 'failed',
          component: this.#core.nameOf(this.#component),
          code: codeOf(failure),
        }),
      anchors.length === 1 ? anchors[0] : undefined,
    );
    if (all === null) return;
    perform(
      this.#core,
      this.#component,
      all,
      () => this.#task.processBatch!(rows, bound(this.#emit, visit, all)),
      (failure) => {
        settle(all, acks, failure);
        wake();
      },
    );
  }

  #settle(anchors: readonly Anchor[], failure: Failure | null): void {
    for (const anchor of anchors) this.#open.settle(anchor, failure);
  }
}
