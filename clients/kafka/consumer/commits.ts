/**
 * What one generation of a member has to commit: the last offset of each partition, one request at a time.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Identity, Membership } from './membership.js';
import type { Offsets } from './offsets.js';
import { errorType } from './kafkajs-parts.js';

/** The partitions are no longer this member's: what was not committed by now is repeated by their next owner. */
const TOO_LATE = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS']);
const LAST_TIMEOUT_MS = 5000;
const RETRY_MS = 200;

export class Commits {
  readonly #membership: Membership;
  readonly #identity: Identity;
  #waiting = new Map<string, number>();
  #sending: Promise<void> | null = null;

  constructor(membership: Membership, identity: Identity) {
    this.#membership = membership;
    this.#identity = identity;
  }

  /** By partition name. Sent by the next `send`. */
  add(offsets: Offsets): void {
    for (const [name, offset] of offsets) this.#waiting.set(name, offset);
  }

  /** Sends what waits; what could not be committed waits for the next call. @throws what the coordinator answers */
  send(): Promise<void> {
    return (this.#sending ??= this.#send().finally(() => (this.#sending = null)));
  }

  /** Before the partitions go: sends until all is committed, at most 5 s. False when something is left. */
  async last(): Promise<boolean> {
    const deadlineMs = performance.now() + LAST_TIMEOUT_MS;
    while (this.#waiting.size > 0 || this.#sending !== null) {
      const type = await this.send().then(() => '', errorType);
      if (TOO_LATE.has(type) || performance.now() > deadlineMs) break;
      if (type !== '') await sleep(RETRY_MS);
    }
    return this.#waiting.size === 0;
  }

  async #send(): Promise<void> {
    while (this.#waiting.size > 0) {
      const sent = this.#waiting;
      this.#waiting = new Map();
      try {
        await this.#membership.commit(this.#identity, sent);
      } catch (error) {
        this.#waiting = new Map([...sent, ...this.#waiting]);
        throw error;
      }
    }
  }
}
