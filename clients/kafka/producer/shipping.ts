/** What the queues of a producer share: brokers, identity, and how much waits. @module */
import type { Brokers } from './brokers.js';
import type { Codec } from '../codecs/codecs.js';
import type { ProducerIdentity } from './record-batch.js';

/** Tells how sending goes. */
export interface ProducerEvents {
  /** A batch is stored; `bytes` as sent. */
  stored(records: number, bytes: number): void;
  /** A batch was not stored, and is sent again. */
  retried(): void;
  /** Something cannot be stored for now, and why; or all can be again: null. Told in turns, a reason first. */
  waiting(reason: string | null): void;
  /** Makes the error of a record that never can be stored. */
  refused(reason: string): Error;
}

/** Tries that may fail before anybody is told: a leader that moves is no outage. */
const QUIET_TRIES = 3;
const FIRST_DELAY_MS = 100;
const DELAY_MS_MAX = 1000;

export class Shipping {
  readonly brokers: Brokers;
  readonly codec: Codec;
  readonly events: ProducerEvents;
  /** Of records that are not stored yet. */
  bytes = 0;
  closed = false;
  #identity: Promise<ProducerIdentity> | null = null;
  readonly #waiting = new Set<object>();

  constructor(brokers: Brokers, codec: Codec, events: ProducerEvents) {
    this.brokers = brokers;
    this.codec = codec;
    this.events = events;
  }

  /** An identity other than `old`, with which a partition may begin at sequence 0. @throws Error when no broker answers */
  async identity(old: ProducerIdentity | null): Promise<ProducerIdentity> {
    const known = await this.#known();
    if (known !== old) return known;
    this.#identity = null;
    return this.#known();
  }

  #known(): Promise<ProducerIdentity> {
    const asked = (this.#identity ??= this.brokers.identity());
    asked.catch(() => {
      if (this.#identity === asked) this.#identity = null;
    });
    return asked;
  }

  /** Pauses before another try, and tells of it if there were several. `tries` of `who` have failed so far. */
  async again(who: object, tries: number, reason: string): Promise<void> {
    this.events.retried();
    if (tries >= QUIET_TRIES) this.waits(who, reason);
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** Math.min(tries - 1, 10), DELAY_MS_MAX);
    await new Promise((done) => setTimeout(done, delayMs));
  }

  /** Something of `who` cannot be stored for now. Any number of times, until `done`. */
  waits(who: object, reason: string): void {
    if (this.#waiting.has(who)) return;
    this.#waiting.add(who);
    if (this.#waiting.size === 1) this.events.waiting(reason);
  }

  /** Whatever `who` waited for has come to an end. */
  done(who: object): void {
    if (this.#waiting.delete(who) && this.#waiting.size === 0) this.events.waiting(null);
  }
}
