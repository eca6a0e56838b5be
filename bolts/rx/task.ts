/**
 * One task of an `rx` bolt: pushes its rows through the pipe, emits what comes out, and builds the pipe
 * anew when it failed or was completed.
 *
 * What comes out in the very call that brought a row, and is made of that row alone, is emitted as any
 * bolt does. Everything else is a message of its own, and its rows are open until it is stored.
 *
 * @module
 */
import type { BoltTask } from '../../topology/dsl/bolt.js';
import type { BoltContext, EmitAll, Streams } from '../../topology/dsl/context.js';
import type { Row } from '../../topology/rows/row.js';
import { Origin, type Origins } from './origins.js';
import { Pipe, type Build } from './pipe.js';
import { TaskScheduler } from './scheduler.js';

/** Timers of operators are that much late, at most. */
const TICK_MS = 50;
/** At the end of the run, so many ticks without a row, as the rows of one flush may come in several. */
const QUIET_TICKS = 4;
/** Values that operators keep before they must let go: less than what may be pending, or spouts and pipe would wait for each other. */
const HELD_MAX = 8_192;

/** What was made of the same rows at once: a message of its own. */
interface Emission {
  readonly origins: Origins;
  readonly rows: [stream: string, value: object][];
}

/** The call that brings a row. */
interface Turn {
  readonly origin: Origin;
  readonly emit: EmitAll<Streams>;
  failure: { readonly error: unknown } | null;
}

export class RxTask implements BoltTask<object, Streams> {
  readonly #context: BoltContext;
  readonly #build: Build;
  readonly #streams: readonly string[];
  readonly #scheduler: TaskScheduler;
  /** To be emitted when the pipe has run, or by a tick when the ledger has room again. */
  readonly #waiting: Emission[] = [];
  /** None after a failure. */
  #pipe: Pipe | null;
  #turn: Turn | null = null;
  /** Since the last row. */
  #ticks = 0;
  #tickedMs: number;
  /** Of a pipe that failed when no row was at hand; the next tick throws it, so that the operator is told. */
  #failure: { readonly error: unknown } | null = null;

  /** @throws what building the pipe throws */
  constructor(context: BoltContext, build: Build, streams: readonly string[]) {
    this.#context = context;
    this.#build = build;
    this.#streams = streams;
    this.#tickedMs = context.now();
    this.#scheduler = new TaskScheduler(this.#tickedMs);
    this.#pipe = this.#begin();
    context.every(TICK_MS, () => this.#tick());
  }

  process(row: Row<object>, emit: EmitAll<Streams>): void {
    this.#ticks = 0;
    const pipe = (this.#pipe ??= this.#begin());
    const origin = new Origin();
    const turn: Turn = (this.#turn = { origin, emit, failure: null });
    pipe.push(row.keep(), origin);
    this.#turn = null;
    if (turn.failure !== null) throw turn.failure.error;
    origin.endTurn(() => this.#context.hold());
    if (pipe.tracker.held.size >= HELD_MAX) this.#letGo(pipe);
  }

  close(): void {
    this.#pipe?.complete();
  }

  #begin(): Pipe {
    const pipe = new Pipe(this.#scheduler, {
      emitted: (stream, value, origins) => this.#emitted(stream, value, origins),
      rejected: (error, origins) => this.#isAtHand(origins) && this.#failTurn(error),
      ran: () => this.#emit(),
      failed: (failed, error) => this.#failed(failed, error),
    });
    pipe.connect(this.#build, this.#streams);
    return pipe;
  }

  #tick(): void {
    const nowMs = this.#context.now();
    // The clock of the machine may be set back; buffers must not wait until it has caught up.
    this.#scheduler.advance(nowMs < this.#tickedMs ? TICK_MS : nowMs - this.#tickedMs);
    this.#tickedMs = nowMs;
    this.#emit();
    if (++this.#ticks >= QUIET_TICKS && this.#context.ending()) this.#completeKeeping();
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure.error;
  }

  #completeKeeping(): void {
    const pipe = this.#pipe;
    if (pipe !== null && pipe.tracker.held.size > 0) this.#complete(pipe);
  }

  /** Its inner streams may go on for a while; new rows get a new one. */
  #complete(pipe: Pipe): void {
    this.#pipe = null;
    pipe.complete();
  }

  #letGo(pipe: Pipe): void {
    this.#context.warn(
      `The operators of the pipe kept ${HELD_MAX} values, so the pipe was completed and built anew: windows and sessions are cut there.`,
    );
    this.#complete(pipe);
  }

  #emitted(stream: string, value: object, origins: Origins): void {
    if (this.#isAtHand(origins)) {
      try {
        this.#turn!.emit[stream]!(value as never);
      } catch (error) {
        this.#failTurn(error);
      }
      return;
    }
    const last = this.#waiting.at(-1);
    if (last?.origins === origins) return void last.rows.push([stream, value]);
    for (const origin of origins) origin.retain();
    this.#waiting.push({ origins, rows: [[stream, value]] });
  }

  #emit(): void {
    for (const emission of this.#waiting.splice(0)) {
      const { origins, rows } = emission;
      this.#context.emitting(
        (emit) => {
          for (const [stream, value] of rows) emit[stream]!(value as never);
        },
        () => {
          for (const origin of origins) origin.release();
        },
        (code) => {
          if (code === 'ledger-full') this.#waiting.push(emission);
          else for (const origin of origins) origin.fail(code);
        },
      );
    }
  }

  #isAtHand(origins: Origins): boolean {
    return this.#turn !== null && origins.length === 1 && origins[0] === this.#turn.origin;
  }

  #failTurn(error: unknown): true {
    this.#turn!.failure ??= { error };
    return true;
  }

  #failed(pipe: Pipe, error: unknown): void {
    if (this.#pipe === pipe) this.#pipe = null;
    if (this.#turn === null) this.#failure ??= { error };
    else this.#failTurn(error);
  }
}
