/**
 * What is going to happen, in the order in which it happens. Time passes only here: from one event to the next.
 *
 * @module
 */
import { Trace } from './trace.js';

/** Whose event it is: one that is frozen has its events later, one that is dead has none. */
export interface Actor {
  readonly name: string;
  readonly state: 'running' | 'frozen' | 'dead';
  /** Takes an event that came while it was frozen. */
  defer(event: () => void): void;
}

interface Event {
  readonly atMs: number;
  /** Of two at one time, the one that was set first is first. */
  readonly order: number;
  readonly actor: Actor | null;
  readonly what: string;
  readonly run: () => void;
  cancelled: boolean;
}

/** An event that was set. */
export type Planned = { cancelled: boolean };

export class Timeline {
  readonly trace: Trace;
  nowMs = 0;
  count = 0;
  #order = 0;
  /** A heap: the first is the next. */
  readonly #events: Event[] = [];

  constructor(trace = new Trace(false)) {
    this.trace = trace;
  }

  /** Sets an event `inMs` from now. @param actor whose it is; null for what befalls the machine */
  in(inMs: number, actor: Actor | null, what: string, run: () => void): Planned {
    const event = {
      atMs: this.nowMs + inMs,
      order: this.#order++,
      actor,
      what,
      run,
      cancelled: false,
    };
    const events = this.#events;
    let at = events.push(event) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (before(events[above]!, event)) break;
      events[at] = events[above]!;
      at = above;
    }
    events[at] = event;
    return event;
  }

  /** Runs the next event; false when there is none. */
  step(): boolean {
    const event = this.#take();
    if (event === undefined) return false;
    if (event.cancelled || event.actor?.state === 'dead') return this.step();
    this.nowMs = event.atMs;
    this.count++;
    this.trace.add(this.nowMs, event.actor?.name ?? 'machine', event.what);
    if (event.actor?.state === 'frozen') event.actor.defer(event.run);
    else event.run();
    return true;
  }

  #take(): Event | undefined {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    if (last === undefined || first === last) return first;
    let at = 0;
    for (let below = 1; below < events.length; below = 2 * at + 1) {
      if (below + 1 < events.length && before(events[below + 1]!, events[below]!)) below++;
      if (before(last, events[below]!)) break;
      events[at] = events[below]!;
      at = below;
    }
    events[at] = last;
    return first;
  }
}

const before = (a: Event, b: Event): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
