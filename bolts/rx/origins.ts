/**
 * Which input rows a value in a pipe is made of, and how long each of them is open.
 *
 * A row is open while somebody retains it: the turn in which it came, an operator that keeps a value made
 * of it, an emission that is not stored yet. JavaScript tells nobody when an object is let go, so every
 * operator that keeps values says so here.
 *
 * @module
 */
import type { SchedulerLike } from 'rxjs';
import type { Hold } from '../../topology/dsl/context.js';
import type { Rejected } from '../../topology/dsl/reject.js';

/** An input row. */
export class Origin {
  /** By its turn. */
  #retained = 1;
  #hold: Hold | null = null;
  #failure: string | null = null;

  retain(): void {
    this.#retained++;
  }

  release(): void {
    if (--this.#retained === 0) this.#settled()?.ack();
  }

  /** The message is replayed, whatever becomes of the rest of it. */
  fail(code: string): void {
    this.#failure ??= code;
    this.#settled()?.fail(code);
  }

  /** Its turn is over: it is taken over from the visit if it is not done, or has failed. */
  endTurn(hold: () => Hold): void {
    if (--this.#retained === 0 && this.#failure === null) return;
    this.#hold = hold();
    if (this.#failure !== null) this.fail(this.#failure);
  }

  /** The hold, once: null before the end of the turn, and when it was settled. */
  #settled(): Hold | null {
    const hold = this.#hold;
    this.#hold = null;
    return hold;
  }
}

export type Origins = readonly Origin[];

/** A value that an operator keeps: what it is made of stays open until it is released. */
export class Held {
  readonly origins: Origins;
  readonly #all: Set<Held>;

  /** @param all where it stands until it is released */
  constructor(all: Set<Held>, origins: Origins) {
    this.#all = all;
    this.origins = origins;
    all.add(this);
    for (const origin of origins) origin.retain();
  }

  release(): void {
    if (!this.#all.delete(this)) return;
    for (const origin of this.origins) origin.release();
  }

  fail(code: string): void {
    for (const origin of this.origins) origin.fail(code);
    this.release();
  }
}

type Reject = (error: Rejected, origins: Origins) => boolean;

/** One pipe at work: which rows are being worked on, and how much its operators keep. */
export class Tracker {
  readonly scheduler: SchedulerLike;
  /** The rows that what is being pushed through the pipe right now is made of. */
  current: Origins = [];
  /** Values that operators keep. */
  readonly held = new Set<Held>();
  /** Takes the rejection of a value of these origins. False when they are more than the row at hand. */
  readonly reject: Reject;
  readonly #ran: () => void;
  #depth = 0;

  /** @param ran called when a run has ended that is not part of another */
  constructor(scheduler: SchedulerLike, reject: Reject, ran: () => void) {
    this.scheduler = scheduler;
    this.reject = reject;
    this.#ran = ran;
  }

  /** Runs `call` as work on `origins`. May be nested. */
  run<V>(origins: Origins, call: () => V): V {
    const outer = this.current;
    this.current = origins;
    this.#depth++;
    try {
      return call();
    } finally {
      this.current = outer;
      if (--this.#depth === 0) this.#ran();
    }
  }

  /** Keeps what is being pushed right now. */
  hold(): Held {
    return new Held(this.held, this.current);
  }
}
