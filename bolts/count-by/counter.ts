/**
 * One task that counts, with nothing lost.
 *
 *     row      counted in memory, held
 *     100 ms   changed counts put into the state -> flushed (fsync) -> holds acked
 *     window   emitted -> stored downstream -> removed from the state
 *
 * A crash at any point leaves a row either counted durably or not acked, so that it comes again: a
 * row may be counted twice, never not at all.
 *
 * @module
 */
import type { BoltContext, EmitAll, Hold } from '../../topology/dsl/context.js';
import type { KeyedState, StateByKey } from '../../topology/dsl/state.js';
import { Windows, type Cell, type Key } from './windows.js';

const STORE_EVERY_MS = 100;
/** So many rows waiting for a flush do not wait for the time. */
const HOLDS_MAX = 16_384;
/** Totals in one message. */
const TOTALS_PER_MESSAGE = 1_024;

/** After each try to emit what is left when the task closes. */
const CLOSE_DELAYS_MS = [100, 200, 400, 0];

/** Emits what a cell counted. */
export type EmitTotal<Out extends { readonly [stream: string]: object }> = (
  emit: EmitAll<Out>,
  cell: Cell,
) => void;

export class Counter<Out extends { readonly [stream: string]: object }> {
  readonly #context: BoltContext<Out>;
  readonly #state: StateByKey;
  readonly #everyMs: number;
  readonly #emitTotal: EmitTotal<Out>;
  readonly #windows = new Windows();
  readonly #here = (): KeyedState => this.#state.here();
  /** Newest time seen. */
  #newest = -Infinity;
  #changed: Cell[] = [];
  #holds: Hold[] = [];
  #storing: Promise<void> | undefined;
  readonly #emitting = new Set<Promise<void>>();
  /** Closed, and to be emitted at the next turn. */
  #due: Cell[] = [];

  private constructor(
    context: BoltContext<Out>,
    state: StateByKey,
    everyMs: number,
    emitTotal: EmitTotal<Out>,
  ) {
    this.#context = context;
    this.#state = state;
    this.#everyMs = everyMs;
    this.#emitTotal = emitTotal;
  }

  static async open<Out extends { readonly [stream: string]: object }>(
    context: BoltContext<Out>,
    everyMs: number,
    emitTotal: EmitTotal<Out>,
  ): Promise<Counter<Out>> {
    const counter = new Counter(context, await context.keyedState(), everyMs, emitTotal);
    counter.#restore();
    context.every(STORE_EVERY_MS, () => void counter.#turn());
    return counter;
  }

  /** Counts the row at hand. */
  count(key: Key, timeMs: number): void {
    if (timeMs > this.#newest) this.#newest = timeMs;
    const cell = this.#windows.cell(
      Math.floor(timeMs / this.#everyMs) * this.#everyMs,
      key,
      this.#here,
    );
    cell.count++;
    this.#change(cell);
    if (this.#holds.push(this.#context.hold()) >= HOLDS_MAX) void this.#store();
  }

  /** Stores what was counted. What is on its way out is waited for, and what could not be emitted is kept. */
  async handOver(): Promise<void> {
    // One that is under way began before the last row.
    await this.#storing;
    await this.#store();
  }

  /**
   * Emits every window, also those that are not over.
   *
   * @throws Error when totals cannot be stored: they stay in the state for the next start
   */
  async close(): Promise<void> {
    await this.#store();
    for (const delayMs of CLOSE_DELAYS_MS) {
      this.#emit(Infinity);
      await Promise.all(this.#emitting);
      if (this.#due.length === 0) return this.#store();
      await new Promise((done) => setTimeout(done, delayMs));
    }
    throw new Error(
      `${this.#context.component}: ${this.#due.length} totals could not be stored. They are kept: run again with the same --state once that is mended.`,
    );
  }

  /** Two cells of one key and window: a late row had opened the window again while it was being emitted. */
  #restore(): void {
    for (const state of this.#state.parts()) {
      for (const [id, value] of [...state.entries()]) {
        const [window, key, count] = value as [number, Key, number];
        if (this.#windows.restore(id, state, window, key, count)) continue;
        state.delete(id);
        this.#change(this.#windows.cell(window, key, () => state));
      }
    }
  }

  #change(cell: Cell): void {
    if (cell.changed) return;
    cell.changed = true;
    this.#changed.push(cell);
  }

  async #turn(): Promise<void> {
    await this.#store();
    // A time in the future, by a wrong clock, must not close the windows of all others.
    const newest = Math.min(this.#newest, this.#context.now());
    this.#emit(newest - 2 * this.#everyMs);
  }

  #store(): Promise<void> {
    this.#storing ??= this.#storeNow().finally(() => {
      this.#storing = undefined;
    });
    return this.#storing;
  }

  async #storeNow(): Promise<void> {
    for (const cell of this.#changed) {
      cell.changed = false;
      if (!cell.done) cell.state.put(cell.id, [cell.window, cell.key, cell.count]);
    }
    this.#changed = [];
    const holds = this.#holds;
    this.#holds = [];
    try {
      await this.#state.flush();
    } catch (error) {
      this.#holds = [...holds, ...this.#holds];
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      this.#context.warn(`The counts cannot be stored (${code}); their rows wait until they can.`);
      return;
    }
    for (const hold of holds) hold.ack();
  }

  /** Emits the windows that start at `last` or before. */
  #emit(last: number): void {
    const cells = [...this.#due, ...this.#windows.close(last)];
    this.#due = [];
    for (let i = 0; i < cells.length; i += TOTALS_PER_MESSAGE) {
      const emitting = this.#emitCells(cells.slice(i, i + TOTALS_PER_MESSAGE));
      this.#emitting.add(emitting);
      void emitting.then(() => this.#emitting.delete(emitting));
    }
  }

  #emitCells(cells: readonly Cell[]): Promise<void> {
    return new Promise((settled) => {
      this.#context.emitting(
        (emit) => {
          for (const cell of cells) this.#emitTotal(emit, cell);
        },
        () => {
          for (const cell of cells) {
            cell.done = true;
            cell.state.delete(cell.id);
          }
          settled();
        },
        () => {
          this.#due.push(...cells);
          settled();
        },
      );
    });
  }
}
