/** Runs one task of a sink: rows are acked when they are stored, many by one flush. @module */
import type { AnySinkTask } from '../../topology/dsl/sink.js';
import { durably } from '../state/durably.js';
import { Anchors } from './anchors.js';
import type { Core } from './core.js';
import type { Accept } from './delivery.js';
import { failureOf, faultText } from './fault.js';
import { GroupCommit } from './group-commit.js';
import type { Anchor } from './visit.js';

export class SinkRunner {
  readonly #core: Core;
  readonly #component: number;
  readonly #task: AnySinkTask;
  #waiting = new Anchors();
  #flushing = new Anchors();
  readonly #commit: GroupCommit;
  #writing = 0;

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
    this.#core.ports.record?.(component);
    const task = this.#task;
    const flushes = task.flush !== undefined;
    const startMs = visit.sampled ? this.#core.ports.clock.monotonicMs() : -1;
    const outerChildMs = visit.childMs;
    visit.childMs = 0;
    if (flushes) this.#waiting.hold(visit);
    try {
      const result = task.write(row as never);
      if (flushes) this.#commit.add(typeof result === 'number' ? result : 0);
      else if (result instanceof Promise) this.#await(result, visit.anchor());
      else counters.acked[component]!++;
    } catch (error) {
      if (flushes) this.#waiting.drop(visit);
      this.#failed(error);
    }
    if (startMs >= 0) visit.timed(counters.latency[component]!, startMs, outerChildMs, this.#core.ports.clock.monotonicMs());
    visit.component = outer;
  };

  get idle(): boolean {
    return this.#commit.idle && this.#writing === 0;
  }

  /** Nothing else is coming for now: stores what waits. */
  hurry(): void {
    this.#commit.now();
  }

  async close(): Promise<readonly string[]> {
    await this.#commit.settled();
    if (this.#task.close !== undefined) await this.#durably(() => this.#task.close!());
    return this.#task.outputs?.() ?? [];
  }

  async #flush(): Promise<void> {
    [this.#waiting, this.#flushing] = [this.#flushing, this.#waiting];
    try {
      await this.#durably(() => this.#task.flush!());
      this.#core.tick();
      this.#core.counters.acked[this.#component]! += this.#flushing.count;
      this.#flushing.ackAll(this.#core.acks);
    } catch (error) {
      // Not a full disk but a fault of the sink: its rows are failed, and replayed.
      this.#core.ports.notice(this.#core.nameOf(this.#component), `flush ${faultText(error)}`);
      const failure = failureOf(this.#core.nameOf(this.#component), error);
      this.#core.counters.failed[this.#component]! += this.#flushing.count;
      this.#flushing.failAll(this.#core.acks, failure);
    }
    this.#core.wake();
  }

  #durably(action: () => Promise<void>): Promise<void> {
    const { clock, stalled } = this.#core.ports;
    return durably(action, { clock, onStall: (code) => stalled(code), onResume: () => stalled(null) });
  }

  #await(result: Promise<void>, anchor: Anchor): void {
    const { acks, counters, wake } = this.#core;
    this.#writing++;
    result
      .then(
        () => {
          counters.acked[this.#component]!++;
          acks.ack(anchor.worker, anchor.slot, anchor.generation, anchor.high, anchor.low);
        },
        (error: unknown) => {
          counters.failed[this.#component]!++;
          acks.fail(anchor.worker, anchor.slot, anchor.generation, failureOf(this.#core.nameOf(this.#component), error));
        },
      )
      .finally(() => {
        this.#writing--;
        wake();
      });
  }

  #failed(error: unknown): void {
    const name = this.#core.nameOf(this.#component);
    this.#core.failVisit(this.#component, failureOf(name, error));
    this.#core.ports.notice(name, faultText(error));
  }
}
