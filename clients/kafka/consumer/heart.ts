/**
 * Keeps a member alive in its group, and learns of what becomes of the group: from joining until it is stopped, also while
 * partitions are being given back.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Identity, Membership } from './membership.js';
import { errorType } from './kafkajs-parts.js';

/** The group goes on without this member, or has let its generation pass. */
const LOST = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID']);
/** A tenth of the session, so that some may be late, and often enough that others do not wait long for this member. */
const SHARE_OF_SESSION = 10;
const PERIOD_MS_MAX = 1000;

export interface HeartEvents {
  /** The coordinator answered. */
  beat(): void;
  /** It did not; the next beat is sent as usual. */
  troubled(error: unknown): void;
}

export class Heart {
  readonly #membership: Membership;
  readonly #identity: Identity;
  readonly #events: HeartEvents;
  readonly #stop = new AbortController();
  readonly #beating: Promise<void>;
  #stir: () => void = () => {};
  #lost = false;
  /** Resolves when the partitions have to be given back: the group rebalances, or has given this member up. */
  readonly stirred: Promise<void>;

  constructor(
    membership: Membership,
    identity: Identity,
    sessionTimeoutMs: number,
    events: HeartEvents,
  ) {
    this.#membership = membership;
    this.#identity = identity;
    this.#events = events;
    this.stirred = new Promise((resolve) => (this.#stir = resolve));
    this.#beating = this.#run(Math.min(sessionTimeoutMs / SHARE_OF_SESSION, PERIOD_MS_MAX));
  }

  /** The partitions are another's already. */
  get lost(): boolean {
    return this.#lost;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#beating;
  }

  async #run(periodMs: number): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted && !this.#lost) {
      await sleep(periodMs, undefined, { signal }).catch(() => {});
      if (!signal.aborted) await this.#beat();
    }
  }

  async #beat(): Promise<void> {
    try {
      await this.#membership.heartbeat(this.#identity);
      this.#events.beat();
    } catch (error) {
      const type = errorType(error);
      this.#lost = LOST.has(type);
      if (type === 'UNKNOWN_MEMBER_ID') this.#membership.forget();
      // While the group rebalances it goes on: the coordinator takes this answer for a sign of life.
      if (this.#lost || type === 'REBALANCE_IN_PROGRESS') this.#stir();
      else this.#events.troubled(error);
    }
  }
}
