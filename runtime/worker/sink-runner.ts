/** Runs one task of a sink: rows are acked when they are stored, many by one flush. @module */
import type { AnySinkTask, Refusals } from '../../topology/dsl/sink.js';
import type { Failure } from '../ledger/failure.js';
import { settle, type Anchor } from './anchor.js';
import { Anchors } from './anchors.js';
import type { Core } from './core.js';
import type { Accept } from './delivery.js';
import { GroupCommit } from './group-commit.js';
import { isPromise } from './promise.js';

export class SinkRunner {
  readonly #core: Core;
  readonly #component: number;
  readonly #task: AnySinkTask;
  #waiting = new Anchors();
  #flushing = new Anchors();
  readonly #commit: GroupCommit;

  constructor(core: Core, component: number, task: AnySinkTask) {
    this.#core = core;
    this.#component = component;
    this.#task = task;
    this.#commit = new GroupCommit(core.ports.clock, () => this.#flush());
  }

  readonly accept: Accept = (row) => {
    const { visit, counters } = this.#core;
    const component = this.#component;
    const outer = visit.component;
    visit.component = component;
    counters.executed[component]!++;
    this.#core.ports.record?.();
    const task = this.#task;
    const flushes = task.flush !== undefined;
    const startMs = visit.sampled ? this.#core.ports.clock.monotonicMs() : -1;
    const outerChildMs = visit.childMs;
    visit.childMs = 0;
    if (flushes) this.#waiting.hold(visit);
    try {
      const result = task.write(row as never);
      if (isPromise(result)) this.#await(result, visit.anchor(), flushes);
      else if (!flushes) counters.acked[component]!++;
      if (flushes) this.#commit.add(typeof result === 'number' ? result : 0);
    } catch (error) {
      if (flushes) this.#waiting.drop(visit);
      this.#core.failVisit(component, this.#core.fault(component, error));
    }
    if (startMs >= 0)
      visit.timed(
        counters.latency[component]!,
        startMs,
        outerChildMs,
        this.#core.ports.clock.monotonicMs(),
      );
    visit.component = outer;
    this.#core.ports.record?.();
  };

  get full(): boolean {
    return this.#task.full?.() === true;
  }

  /** Nothing else is coming for now: stores what waits. */
  hurry(): void {
    this.#commit.now();
  }

  async close(): Promise<readonly string[]> {
    await this.#commit.settled();
    if (this.#task.close !== undefined) await this.#core.durably(() => this.#task.close!());
    return this.#task.outputs?.() ?? [];
  }

  async #flush(): Promise<void> {
    [this.#waiting, this.#flushing] = [this.#flushing, this.#waiting];
    try {
      const refused = this.#failures(await this.#core.durably(() => this.#stored()));
      this.#core.tick();
      this.#core.counters.acked[this.#component]! += this.#flushing.count - (refused?.size ?? 0);
      this.#core.counters.failed[this.#component]! += refused?.size ?? 0;
      this.#flushing.ackAll(this.#core.acks, refused);
    } catch (error) {
      // Not a full disk but a fault of the sink: its rows are failed, and replayed.
      const failure = this.#core.fault(this.#component, error, 'flush ');
      this.#core.counters.fail(this.#component, failure.kind, this.#flushing.count);
      this.#flushing.failAll(this.#core.acks, failure);
    }
    this.#core.wake();
  }

  #stored(): ReturnType<NonNullable<AnySinkTask['flush']>> {
    return this.#core.call(this.#component, () => this.#task.flush!());
  }

  #failures(refused: Refusals | void): ReadonlyMap<number, Failure> | undefined {
    if (refused === undefined || refused.size === 0) return undefined;
    const component = this.#core.nameOf(this.#component);
    return new Map(
      [...refused].map(([place, reason]) => [place, { kind: 'rejected', component, reason }]),
    );
  }

  /** A row whose `write` returned a promise: it is stored when that is settled, and flushed if there is a flush. */
  #await(result: PromiseLike<void>, anchor: Anchor, flushes: boolean): void {
    const { acks, counters, wake } = this.#core;
    const end = (failure: Failure | null): void => {
      if (failure !== null) counters.fail(this.#component, failure.kind);
      else if (!flushes) counters.acked[this.#component]!++;
      settle(anchor, acks, failure);
      wake();
    };
    result.then(
      () => end(null),
      (error: unknown) => end(this.#core.fault(this.#component, error)),
    );
  }
}
