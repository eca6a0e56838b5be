/**
 * Runs one task of a bolt.
 *
 * The usual bolt is a synchronous call (14 ns a hop); one that keeps rows gets copies and an emit of
 * its own, anchored to that very row, and costs what it costs.
 *
 * @module
 */
import type { AnyBoltTask, Bolt } from '../../topology/dsl/bolt.js';
import { perLayout } from '../../topology/rows/access.js';
import { emitter, type Emitter } from '../../topology/rows/emitter.js';
import { generated } from '../../topology/rows/generate.js';
import { derivedLayout } from '../../topology/rows/layout.js';
import type { Schema } from '../../topology/rows/schema.js';
import type { Core } from './core.js';
import type { Accept } from './delivery.js';
import { failureOf, faultText } from './fault.js';
import type { Anchor } from './visit.js';

export type Emitters = { readonly [stream: string]: Emitter };

/** Rows that wait for one `processBatch`. */
const BATCH_ROWS_MAX = 256;

export class BoltRunner {
  readonly #core: Core;
  readonly #component: number;
  readonly #name: string;
  readonly #bolt: Bolt<never, never>;
  readonly #emit: Emitters;
  readonly #narrow: (row: object) => object;
  #task: AnyBoltTask = {};
  /** Rows whose promise or hold is open. */
  #open = 0;
  #batch: { row: object; anchor: Anchor }[] = [];

  constructor(core: Core, component: number, bolt: Bolt<never, never>, deliver: (stream: string) => Accept) {
    this.#core = core;
    this.#component = component;
    this.#name = core.nameOf(component);
    this.#bolt = bolt;
    this.#narrow = narrowing(bolt.reads);
    const schemas: [string, Schema][] = Object.entries(bolt.emits);
    this.#emit = Object.fromEntries(
      schemas.map(([stream, schema]) => [
        stream,
        emitter(`${this.#name}.${stream}`, schema, deliver(stream), bolt.reads),
      ]),
    );
  }

  /** Takes a row; set by `start`. */
  accept: Accept = () => {};

  start(task: AnyBoltTask): void {
    this.#task = task;
    if (task.processBatch !== undefined) this.accept = (row) => this.#gather(row);
    else if (this.#bolt.keeps === true) this.accept = (row) => this.#keep(row);
    else this.accept = this.#synchronous();
  }

  get idle(): boolean {
    return this.#open === 0 && this.#batch.length === 0;
  }

  /** Hands over the rows that wait for a batch. */
  hurry(): void {
    if (this.#batch.length > 0) this.#processBatch();
  }

  async close(): Promise<void> {
    await this.#task.close?.();
  }

  /** Takes the row at hand over from its visit. */
  hold(): { ack(): void; fail(code: string): void } {
    const { visit } = this.#core;
    if (!visit.active) throw new Error('hold() was called outside of process().');
    const anchor = visit.anchor();
    this.#open++;
    return {
      // It was counted as done when process() returned.
      ack: () => this.#settle(anchor, null, 0),
      fail: (code) => this.#settle(anchor, { kind: 'failed', component: this.#name, code }),
    };
  }

  /** Runs `emitting` as a message of this worker's own. */
  emitting(run: (emit: Emitters) => void, done: () => void, failed: (code: string) => void): void {
    const { ledger, visit, acks, nowMs, options } = this.#core;
    const slot = ledger.open(callBack, { done, failed }, 0, nowMs);
    if (slot < 0) return failed('ledger-full');
    const anchor: Anchor = { worker: options.worker, slot, generation: ledger.generation(slot), high: ledger.high, low: ledger.low };
    visit.resume(anchor, () => this.#guarded(() => run(this.#emit)));
    acks.ack(anchor.worker, slot, anchor.generation, anchor.high, anchor.low);
    this.#core.wake();
  }

  /** The generated call: one target for `process`, and no promise expected. */
  #synchronous(): Accept {
    const { visit, counters, ports } = this.#core;
    const component = this.#component;
    const source = `
return (row) => {
  const outer = visit.component;
  visit.component = ${component};
  ${ports.record === undefined ? '' : `record(${component});`}
  executed[${component}]++;
  const startMs = visit.sampled ? clock.monotonicMs() : -1, outerChildMs = visit.childMs;
  visit.childMs = 0;
  try {
    const result = task.process(narrow(row), emit);
    if (result !== undefined && result !== null && typeof result.then === 'function') misused(result);
    else acked[${component}]++;
  } catch (error) {
    failed(error);
  }
  if (startMs >= 0) visit.timed(latency, startMs, outerChildMs, clock.monotonicMs());
  visit.component = outer;
};`;
    return generated(source, {
      visit,
      record: ports.record,
      clock: ports.clock,
      executed: counters.executed,
      acked: counters.acked,
      latency: counters.latency[component],
      task: this.#task,
      emit: this.#emit,
      narrow: this.#narrow,
      misused: (result: Promise<unknown>) => this.#misused(result),
      failed: (error: unknown) => this.#failed(error),
    }, `accept-${this.#name}`);
  }

  #keep(row: object): void {
    const { visit, counters } = this.#core;
    counters.executed[this.#component]!++;
    this.#core.ports.record?.(this.#component);
    const kept = (this.#narrow(row) as { keep(): object }).keep();
    const anchor = visit.anchor();
    this.#open++;
    let result: void | Promise<void>;
    let threw = false;
    visit.resume(anchor, () => {
      visit.component = this.#component;
      threw = !this.#guarded(() => (result = this.#task.process!(kept, this.#bound(anchor))));
    });
    if (threw) this.#open--;
    else if (result! instanceof Promise) this.#await(result, [anchor]);
    else this.#settle(anchor, null);
  }

  #gather(row: object): void {
    this.#core.counters.executed[this.#component]!++;
    const kept = (this.#narrow(row) as { keep(): object }).keep();
    this.#batch.push({ row: kept, anchor: this.#core.visit.anchor() });
    if (this.#batch.length >= BATCH_ROWS_MAX) this.#processBatch();
    else this.#core.wake();
  }

  /** What a batch emits hangs on all of its rows: they are done when all of that is stored. */
  #processBatch(): void {
    const batch = this.#batch;
    this.#batch = [];
    this.#open += batch.length;
    const settle = (code: string | null): void => {
      for (const { anchor } of batch) this.#settle(anchor, code === null ? null : { kind: 'failed', component: this.#name, code });
    };
    const { ledger, visit, nowMs, options } = this.#core;
    const slot = ledger.open(callBack, { done: () => settle(null), failed: settle }, 0, nowMs);
    if (slot < 0) return settle('ledger-full');
    const all: Anchor = { worker: options.worker, slot, generation: ledger.generation(slot), high: ledger.high, low: ledger.low };
    let result: void | Promise<void>;
    this.#open++;
    let threw = false;
    visit.resume(all, () => {
      visit.component = this.#component;
      threw = !this.#guarded(() => (result = this.#task.processBatch!(batch.map(({ row }) => row), this.#bound(all))));
    });
    if (threw) this.#open--;
    else if (result! instanceof Promise) this.#await(result, [all]);
    else this.#settle(all, null, 0);
  }

  #await(result: Promise<void>, anchors: readonly Anchor[]): void {
    result.then(
      () => anchors.forEach((anchor) => this.#settle(anchor, null)),
      (error: unknown) => {
        this.#core.ports.notice(this.#name, faultText(error));
        anchors.forEach((anchor) => this.#settle(anchor, failureOf(this.#name, error)));
      },
    );
  }

  /** An emit whose rows hang on `anchor` whenever it is called. */
  #bound(anchor: Anchor): Emitters {
    const { visit } = this.#core;
    const resume = (run: () => void): void => {
      if (anchor.slot < 0) throw new Error('A row was emitted after its input was done.');
      visit.resume(anchor, run);
    };
    const bind = (emit: Emitter): Emitter =>
      Object.assign((row: object) => resume(() => emit(row)), {
        from: (row: object, fields: object) => resume(() => emit.from(row, fields)),
        over: (source: object) => emit.over(source),
        cut: (fields: object) => resume(() => emit.cut(fields)),
      });
    return Object.fromEntries(Object.entries(this.#emit).map(([stream, emit]) => [stream, bind(emit)]));
  }

  #settle(anchor: Anchor, failure: Parameters<Core['acks']['fail']>[3] | null, count = 1): void {
    if (anchor.slot < 0) throw new Error('A row was settled twice.');
    const { acks, counters } = this.#core;
    const { worker, slot, generation, high, low } = anchor;
    anchor.slot = -1;
    this.#open--;
    if (failure === null) {
      counters.acked[this.#component]! += count;
      acks.ack(worker, slot, generation, high, low);
    } else {
      counters.failed[this.#component]! += count;
      acks.fail(worker, slot, generation, failure);
    }
    this.#core.wake();
  }

  /** Runs user code in the visit; false when it threw. */
  #guarded(run: () => void): boolean {
    try {
      run();
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  #failed(error: unknown): void {
    const failure = failureOf(this.#name, error);
    this.#core.failVisit(this.#component, failure);
    if (failure.kind === 'failed') this.#core.ports.notice(this.#name, faultText(error));
  }

  #misused(result: Promise<unknown>): void {
    result.catch(() => {});
    this.#core.failVisit(this.#component, { kind: 'failed', component: this.#name, code: 'async-without-keeps' });
    this.#core.ports.notice(this.#name, 'process() returned a promise; declare keeps: true, as a row dies when process() returns.');
  }
}

/** A bolt sees what it declared to read, whatever else the row has. */
function narrowing(reads: Schema): (row: object) => object {
  const names = Object.keys(reads.fields);
  const find = perLayout((layout) => {
    const wide = layout.schema !== reads && Object.keys(layout.schema.fields).length > names.length;
    if (!wide) return (row: object): object => row;
    const narrow = derivedLayout(layout, reads, new Set());
    const slots = narrow.fields.filter(({ place }) => place === 'slot').map(({ name }) => layout.slotOf(layout.fields.find((each) => each.name === name)!.index));
    return (row: object): object => new narrow.Row(layout.baseOf(row), layout.generationOf(row), ...slots.map((slot) => slot(row)));
  });
  return (row) => find(row)(row);
}

/** Roots that a bolt opened: their end is a call back. */
const callBack = {
  settled(message: unknown, _index: number, failure: { kind: string; code?: string } | null): void {
    const { done, failed } = message as { done: () => void; failed: (code: string) => void };
    if (failure === null) done();
    else failed(failure.code ?? failure.kind);
  },
};
