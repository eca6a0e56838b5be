/**
 * Sends the records of one partition, in their order: one batch is under way at a time, as brokers tell what comes twice
 * and what is missing by its sequence number, and as an order is only kept so.
 *
 * @module
 */
import { reasonOf, verdictOf } from './answers.js';
import { Outgoing } from './outgoing.js';
import type { ProducerIdentity } from './record-batch.js';
import type { Shipping } from './shipping.js';

/** Uncompressed; topics take 1 MiB unless told otherwise. */
const BATCH_BYTES = 512 * 1024;
/** How much more a topic is tried with, batch by batch, after it took less. */
const BATCH_BYTES_STEP = 16 * 1024;
/** How long a batch waits for more records, unless one before it takes longer. */
const LINGER_MS = 20;
/** A broker that hangs is not told from one that is slow, but those who wait for it are to know. */
const LATE_MS = 3000;
/** Sequence numbers wrap where an int32 would turn negative. */
const SEQUENCES = 2 ** 31;

/** What a partition needs of its topic. */
export interface Route {
  readonly topic: string;
  /** Node id; -1 when there is none. */
  leaderOf(partition: number): number;
  /** Leaders may have changed. */
  refresh(): void;
  /** Set while the topic takes nothing. */
  readonly refusal: Error | null;
}

export class PartitionQueue {
  readonly #shipping: Shipping;
  readonly #route: Route;
  readonly #number: number;
  #filling: Outgoing | null = null;
  readonly #full: Outgoing[] = [];
  #timer: NodeJS.Timeout | null = null;
  #running = false;
  /** What a batch may have: a topic may take less than most do. */
  #batchBytes = BATCH_BYTES;
  #identity: ProducerIdentity | null = null;
  /** The identity before that. */
  #spent: ProducerIdentity | null = null;
  #sequence = 0;
  /** The batch under way, as it was sent. */
  #sealed: Buffer | null = null;

  constructor(shipping: Shipping, route: Route, number: number) {
    this.#shipping = shipping;
    this.#route = route;
    this.#number = number;
  }

  /** Copies the record. Resolves when it is stored. Rejects with what `refused` makes when it never can be */
  add(key: Uint8Array | null, value: Uint8Array | null): Promise<void> {
    const nowMs = Date.now();
    const filling = this.#room((key?.length ?? 0) + (value?.length ?? 0), nowMs);
    const before = filling.records.size;
    const stored = new Promise<void>((stored, failed) =>
      filling.add(key, value, nowMs, { stored, failed }),
    );
    this.#shipping.bytes += filling.records.size - before;
    return stored;
  }

  #room(bytes: number, nowMs: number): Outgoing {
    if (this.#filling !== null && this.#filling.records.size + bytes > this.#batchBytes) {
      this.#full.push(this.#filling);
      this.#filling = null;
      this.#start();
    }
    if (this.#filling === null) {
      this.#filling = new Outgoing(nowMs);
      this.#startLater(LINGER_MS);
    }
    return this.#filling;
  }

  #startLater(delayMs: number): void {
    if (this.#running || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#start();
    }, delayMs);
  }

  #start(): void {
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let batch = this.#take(); batch !== null; batch = this.#take()) {
      const late = setTimeout(
        () => this.#shipping.waits(this, 'a broker does not answer'),
        LATE_MS,
      );
      await this.#deliver(batch);
      clearTimeout(late);
    }
    this.#running = false;
    if (this.#filling !== null) this.#startLater(this.#filling.createdMs + LINGER_MS - Date.now());
  }

  #take(): Outgoing | null {
    const full = this.#full.shift();
    if (full !== undefined) return full;
    const filling = this.#filling;
    if (filling === null || Date.now() - filling.createdMs < LINGER_MS) return null;
    this.#filling = null;
    return filling;
  }

  /** Sends a batch until it is settled. */
  async #deliver(batch: Outgoing): Promise<void> {
    for (let tries = 1; ; tries++) {
      const stopped = this.#stopped();
      if (stopped !== null) return this.#giveUp(batch, stopped);
      const answer = await this.#send(batch);
      const verdict = typeof answer === 'number' ? verdictOf(answer) : 'retry';
      const reason = typeof answer === 'number' ? reasonOf(answer) : answer.message;
      if (verdict === 'stored') return this.#stored(batch);
      if (verdict === 'topic') return this.#giveUp(batch, this.#shipping.events.refused(reason));
      if (verdict === 'record') return this.#halve(batch, reason);
      if (verdict === 'renew') this.#forget();
      else this.#route.refresh();
      await this.#shipping.again(this, tries, reason);
    }
  }

  #stopped(): Error | null {
    return this.#shipping.closed ? new Error('The producer was closed.') : this.#route.refusal;
  }

  /** One try. Returns the broker's error code, or why it did not answer. */
  async #send(batch: Outgoing): Promise<number | Error> {
    const { brokers, codec } = this.#shipping;
    const { topic } = this.#route;
    try {
      this.#identity ??= await this.#shipping.identity(this.#spent);
      // The very same bytes again: brokers know a batch that they have stored by its sequence number, not by its records.
      this.#sealed ??= await batch.records.seal(codec, this.#identity, this.#sequence);
      const leader = this.#route.leaderOf(this.#number);
      return await brokers.produce(leader, topic, this.#number, this.#sealed);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #stored(batch: Outgoing): void {
    const { count } = batch.records;
    this.#shipping.events.stored(count, this.#sealed!.length);
    this.#sequence = (this.#sequence + count) % SEQUENCES;
    this.#batchBytes = Math.min(this.#batchBytes + BATCH_BYTES_STEP, BATCH_BYTES);
    this.#settled(batch);
    batch.stored();
  }

  #halve(batch: Outgoing, reason: string): void {
    this.#settled(batch);
    if (batch.records.count === 1) return batch.failed(this.#shipping.events.refused(reason));
    this.#batchBytes = batch.records.size >> 1;
    const halves = batch.halves();
    for (const { records } of halves) this.#shipping.bytes += records.size;
    this.#full.unshift(...halves);
  }

  /** Whether an earlier try stored it is not known, so its sequence numbers must not be used again. */
  #giveUp(batch: Outgoing, error: Error): void {
    this.#forget();
    this.#settled(batch);
    batch.failed(error);
  }

  #settled(batch: Outgoing): void {
    this.#sealed = null;
    this.#shipping.bytes -= batch.records.size;
    this.#shipping.done(this);
  }

  #forget(): void {
    this.#spent = this.#identity;
    this.#identity = this.#sealed = null;
    this.#sequence = 0;
  }
}
