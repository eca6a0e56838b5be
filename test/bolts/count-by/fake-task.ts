/** A task of a bolt with time, holds, emissions and durable state in the hands of a test. @module */
import type { AnyBoltTask, Bolt } from '../../../topology/dsl/bolt.js';
import type { Hold } from '../../../topology/dsl/context.js';
import type { StateByKey } from '../../../topology/dsl/state.js';
import { LiveState } from '../../../topology/dsl/live-state.js';

export type Total = Record<string, unknown> & { window: number; count: number };

/** A message that the bolt emitted by itself. */
export interface Emission {
  readonly totals: readonly Total[];
  readonly done: () => void;
  readonly failed: (code: string) => void;
}

/** What is on disk, and what is only in memory until `flush`. */
export class FakeState extends LiveState {
  durable: Map<string, unknown>;
  /** What the next flush does: 'lost' makes it durable but never says so, as a crash before the acks. */
  next: 'stored' | 'refused' | 'lost' = 'stored';

  constructor(durable: ReadonlyMap<string, unknown> = new Map()) {
    super(new Map(durable));
    this.durable = new Map(durable);
  }

  flush(): Promise<void> {
    const { next } = this;
    this.next = 'stored';
    if (next === 'refused')
      return Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    this.durable = new Map(this.live);
    return next === 'lost' ? new Promise(() => {}) : Promise.resolve();
  }
}

export class FakeTask {
  now = 0;
  readonly state: FakeState;
  /** Rows that are held, by the order in which they came. */
  readonly held = new Map<number, unknown>();
  readonly emissions: Emission[] = [];
  readonly warnings: string[] = [];
  #rows = 0;
  #call: () => void = () => {};
  #task: AnyBoltTask = {};

  constructor(state = new FakeState()) {
    this.state = state;
  }

  static async open(bolt: Bolt<never, never, string>, state?: FakeState): Promise<FakeTask> {
    const task = new FakeTask(state);
    task.#task = await bolt.open(task.#context() as never);
    return task;
  }

  process(row: object): void {
    this.held.set(this.#rows, row);
    void this.#task.process!(row, {});
  }

  /** A period of `every` passes; what it starts has not come far yet. */
  begin(): void {
    this.#call();
  }

  /** A period of `every` passes. */
  async turn(): Promise<void> {
    this.begin();
    await settled();
  }

  /** Closes it; every emission is stored downstream, and returned. */
  async close(): Promise<Total[]> {
    const closing = this.#task.close!();
    await settled();
    const stored = this.storeAll();
    await closing;
    return stored;
  }

  /** Stores what was emitted so far, and takes it out of `emissions`. */
  storeAll(): Total[] {
    const emitted = this.emissions.splice(0);
    for (const { done } of emitted) done();
    return emitted.flatMap(({ totals }) => totals);
  }

  #context(): object {
    return {
      now: () => this.now,
      warn: (message: string) => this.warnings.push(message),
      keyedState: () =>
        Promise.resolve({
          here: () => this.state,
          parts: () => [this.state],
          flush: () => this.state.flush(),
        } satisfies StateByKey),
      every: (_periodMs: number, call: () => void) => (this.#call = call),
      hold: (): Hold => {
        const row = this.#rows++;
        return { ack: () => this.held.delete(row), fail: () => {} };
      },
      emitting: (
        emitting: (emit: object) => void,
        done: () => void,
        failed: (code: string) => void,
      ) => {
        const totals: Total[] = [];
        emitting({ totals: (row: Total) => totals.push(row) });
        this.emissions.push({ totals, done, failed });
      },
    };
  }
}

/** All that was started with resolved promises has run. */
export const settled = (): Promise<void> => new Promise((done) => setImmediate(done));
