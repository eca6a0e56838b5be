/**
 * Time for operators, driven by the bolt's own: so virtual time, under the test kit, turns buffers, too.
 *
 * @module
 */
import { Subscription, type SchedulerAction, type SchedulerLike } from 'rxjs';

type Work = (this: SchedulerAction<unknown>, state: unknown) => void;

export class TaskScheduler implements SchedulerLike {
  #nowMs: number;
  /** By due time, then in the order in which they were scheduled: RxJS's own virtual time sorts all of them each time. */
  readonly #actions: Action[] = [];

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  schedule<T>(
    work: (this: SchedulerAction<T>, state: T) => void,
    delayMs = 0,
    state?: T,
  ): Subscription {
    return new Action(this, work as Work).schedule(state, delayMs);
  }

  /** Lets so much time pass, and runs what is due by then, in order, each at its own time. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    while ((this.#actions[0]?.dueMs ?? Infinity) <= untilMs) {
      const action = this.#actions.shift()!;
      this.#nowMs = Math.max(action.dueMs, this.#nowMs);
      action.run();
    }
    this.#nowMs = untilMs;
  }

  add(action: Action): void {
    let [from, to] = [0, this.#actions.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#actions[middle]!.dueMs <= action.dueMs) from = middle + 1;
      else to = middle;
    }
    this.#actions.splice(from, 0, action);
  }

  remove(action: Action): void {
    const at = this.#actions.indexOf(action);
    if (at >= 0) this.#actions.splice(at, 1);
  }
}

/** Something to be done once; its work may schedule it again. */
class Action extends Subscription implements SchedulerAction<unknown> {
  readonly #scheduler: TaskScheduler;
  readonly #work: Work;
  #state: unknown;
  dueMs = Infinity;

  constructor(scheduler: TaskScheduler, work: Work) {
    super(() => scheduler.remove(this));
    this.#scheduler = scheduler;
    this.#work = work;
  }

  schedule(state?: unknown, delayMs = 0): Subscription {
    if (this.closed) return this;
    this.#scheduler.remove(this);
    this.#state = state;
    // At least 1, as in Node: what schedules itself without a delay must not stop time.
    this.dueMs = this.#scheduler.now() + Math.max(delayMs, 1);
    this.#scheduler.add(this);
    return this;
  }

  run(): void {
    this.#work.call(this, this.#state);
  }
}
