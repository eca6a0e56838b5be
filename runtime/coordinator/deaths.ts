/**
 * Judges deaths of workers: which message is to blame, which is not tried again, and when the run is over.
 *
 * Deaths that came from outside end no run that gets on, and several workers killed at once are not one that dies again
 * and again: whoever kills workers of a service must not end it thereby.
 *
 * A message that was at work in two deaths is not tried again. That a death came from outside (kill -9) cannot be
 * told from one that a component brought about without a word; the same message is hardly ever at work in two of them. The
 * first death of a run may not know what was at work (its note costs too much); it counts for the message of the next
 * one, if that follows within a minute and neither came from outside.
 *
 * @module
 */
import type { MessageId, RootId } from '../ledger/identity.js';
import { keyOf, type Verdict } from '../worker/condemned.js';
import type { Death } from './post-mortem.js';

/** Deaths of one message. */
const KILLS_MAX = 2;
/** Deaths that no message explains. */
const UNEXPLAINED_MAX = 5;
const WINDOW_MS = 60_000;
/** Messages that were at work in one death. */
const REMEMBERED_MAX = 1000;
/** Deaths, and the messages that must be done between the first and the last of them. */
const DEATHS_MAX = 20;
const DONE_MIN = 1000;

interface Judged extends Death {
  readonly atMs: number;
  /** What was done by then. */
  readonly done: Promise<number>;
}

export interface Court {
  readonly maxAttempts: number;
  /** Asks a worker that lives which message of its own it was; false when it does not. Answered by `was`. */
  ask(root: RootId, death: number): boolean;
  condemn(verdict: Verdict): void;
  /** How far the run has got: messages that are done for good, and looks that found nothing to do; NaN when that cannot be read. */
  done(): Promise<number>;
  giveUp(why: string): void;
}

export class Deaths {
  readonly #court: Court;
  readonly #verdicts: Verdict[] = [];
  /** By message, if it is not condemned. */
  readonly #kills = new Map<string, number>();
  #unexplained: Judged[] = [];
  readonly #last: Judged[] = [];
  readonly #asked = new Map<number, Judged>();
  /** The last component that is known to have been at work. */
  #component: string | undefined;
  #count = 0;
  /** The run is over. */
  gaveUp = false;

  constructor(court: Court) {
    this.#court = court;
  }

  /** Messages that are not tried again. */
  get condemned(): readonly Verdict[] {
    return this.#verdicts;
  }

  /** Deaths within a minute that no message explains. */
  get recent(): number {
    const nowMs = Date.now();
    this.#unexplained = this.#unexplained.filter(({ atMs }) => nowMs - atMs < WINDOW_MS);
    return this.#unexplained.length;
  }

  /** How often a worker has died since anything was done. */
  async idle(worker: number): Promise<number> {
    const deaths = this.#last.filter((death) => death.worker === worker);
    const done = await Promise.all(deaths.map((death) => death.done));
    return done.filter((each) => each === done.at(-1)).length;
  }

  add(death: Death): void {
    const judged = { ...death, atMs: Date.now(), done: this.#court.done() };
    this.#component = death.component ?? this.#component;
    const number = this.#count++;
    // It can answer no more.
    for (const [asked, { root }] of this.#asked)
      if (root?.worker === death.worker) this.was(asked, undefined);
    if (death.root !== undefined && this.#court.ask(death.root, number))
      this.#asked.set(number, judged);
    else this.#judge(judged, death.message);
    void this.#lookForProgress(judged);
  }

  /** What `ask` asked for. */
  was(number: number, message: MessageId | undefined): void {
    const death = this.#asked.get(number);
    this.#asked.delete(number);
    if (death !== undefined) this.#judge(death, message);
  }

  #judge(death: Judged, message: MessageId | undefined): void {
    if (message !== undefined) this.#blame(death, message);
    // One that came from outside is not explained by what it happened to interrupt.
    if (message === undefined || !death.own) this.#unexplained.push(death);
    const deaths = this.#unexplained.slice(-UNEXPLAINED_MAX);
    if (this.recent >= UNEXPLAINED_MAX && deaths.every(({ own }) => own)) this.#giveUpMany(death);
    else void this.#lookForLife(death);
  }

  /** What dies again and again before it has done anything. */
  async #lookForLife(death: Judged): Promise<void> {
    const deaths = this.#unexplained.filter(({ worker }) => worker === death.worker);
    if (deaths.length < UNEXPLAINED_MAX) return;
    if ((await doneBetween(deaths.slice(-UNEXPLAINED_MAX))) === 0) this.#giveUpMany(death);
  }

  #giveUpMany({ how }: Judged): void {
    this.#giveUp(`${UNEXPLAINED_MAX} workers died within a minute`, how);
  }

  #blame(death: Judged, message: MessageId): void {
    const key = keyOf(message);
    const before = death.own ? this.#takeUnknown(death) : 0;
    const kills = (this.#kills.get(key) ?? 0) + before + 1;
    this.#kills.set(key, kills);
    if (this.#kills.size > REMEMBERED_MAX) this.#kills.delete(this.#kills.keys().next().value!);
    const max = death.own ? Math.min(KILLS_MAX, this.#court.maxAttempts) : KILLS_MAX;
    if (kills < max) return;
    this.#kills.delete(key);
    const { kind, component } = death;
    const verdict: Verdict = { message, failure: { kind, component }, attempts: kills };
    this.#verdicts.push(verdict);
    this.#court.condemn(verdict);
  }

  /** The death before this one of the same worker, if nobody knows its message: now it is known. */
  #takeUnknown({ worker, kind, atMs }: Judged): number {
    const before = this.#unexplained.at(-1);
    const same = before?.worker === worker && before.kind === kind && before.own;
    if (!same || atMs - before.atMs > WINDOW_MS) return 0;
    this.#unexplained.pop();
    return 1;
  }

  /** Each death may be explained by a message of its own, and yet nothing gets done. */
  async #lookForProgress(death: Judged): Promise<void> {
    this.#last.push(death);
    if (this.#last.length < DEATHS_MAX) return;
    const deaths = [...this.#last];
    this.#last.shift();
    const done = await doneBetween(deaths);
    if (done < DONE_MIN && deaths.every(({ own }) => own))
      this.#giveUp(`${DEATHS_MAX} workers died while ${done} messages were done`, death.how);
  }

  #giveUp(what: string, how: string): void {
    if (this.gaveUp) return;
    const where =
      this.#component === undefined
        ? 'which component it was is not known'
        : `the component "${this.#component}" was at work`;
    this.gaveUp = true;
    this.#court.giveUp(
      `${what} (the last by ${how}); ${where}. What it had not finished stays uncommitted: run again with the same --state once it is mended.`,
    );
  }
}

/** Between the first and the last of them. */
async function doneBetween(deaths: readonly Judged[]): Promise<number> {
  return (await deaths.at(-1)!.done) - (await deaths[0]!.done);
}
