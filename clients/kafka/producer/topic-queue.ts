/**
 * Sends the records of one topic: finds its partitions and their leaders, and chooses the partition of a record as the Java client does.
 *
 * @module
 */
import { INVALID_TOPIC, reasonOf, UNKNOWN_TOPIC, verdictOf } from './answers.js';
import { partitionOf } from './murmur2.js';
import { PartitionQueue, type Route } from './partition-queue.js';
import type { Shipping } from './shipping.js';

/** A topic that was just made, or whose broker just started, is not known everywhere at once. */
export const MISSING_MS = 3000;
/** For so long a topic that was refused is not asked for again. */
const REFUSED_MS = 3000;
/** Records without a key go to one partition for so long, to make full batches, and then to the next. */
const STICKY_RECORDS = 500;

/** What brokers say of a topic. */
export interface TopicAnswer {
  readonly topicErrorCode: number;
  readonly partitionMetadata: readonly { readonly partitionId: number; readonly leader: number }[];
}

/** A record that came before the partitions were known. */
interface Held {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly stored: () => void;
  readonly failed: (error: Error) => void;
}

export class TopicQueue implements Route {
  readonly topic: string;
  refusal: Error | null = null;
  readonly #shipping: Shipping;
  readonly #ask: (topic: TopicQueue) => void;
  #refusedUntilMs = 0;
  #missingSinceMs: number | null = null;
  #leaders: number[] = [];
  readonly #partitions: PartitionQueue[] = [];
  #held: Held[] = [];
  #keyless = 0;

  /** @param ask has `learnt` called soon */
  constructor(topic: string, shipping: Shipping, ask: (topic: TopicQueue) => void) {
    this.topic = topic;
    this.#shipping = shipping;
    this.#ask = ask;
    if (isTopicName(topic)) ask(this);
    else this.#refuse(reasonOf(INVALID_TOPIC));
  }

  /** Copies the record. Resolves when it is stored. Rejects with what `refused` makes when it never can be */
  send(key: Uint8Array | null, value: Uint8Array | null): Promise<void> {
    if (this.refusal !== null && !this.#expired()) return Promise.reject(this.refusal);
    if (this.#partitions.length > 0) return this.#choose(key).add(key, value);
    const held = { key: copied(key), value: copied(value) };
    this.#shipping.bytes += sizeOf(held);
    return new Promise((stored, failed) => void this.#held.push({ ...held, stored, failed }));
  }

  /** Takes what brokers say of the topic. False when they must be asked again. */
  learnt({ topicErrorCode: code, partitionMetadata }: TopicAnswer): boolean {
    if (code === UNKNOWN_TOPIC) return this.#missing();
    this.#missingSinceMs = null;
    if (verdictOf(code) === 'topic') {
      this.#refuse(reasonOf(code));
      return true;
    }
    if (code !== 0 || partitionMetadata.length === 0) return false;
    for (const { partitionId, leader } of partitionMetadata) this.#leaders[partitionId] = leader;
    for (let i = this.#partitions.length; i < partitionMetadata.length; i++)
      this.#partitions.push(new PartitionQueue(this.#shipping, this, i));
    this.#release();
    return true;
  }

  leaderOf(partition: number): number {
    return this.#leaders[partition] ?? -1;
  }

  refresh(): void {
    this.#ask(this);
  }

  /** Whether it can be forgotten: nothing waits, and it would be asked for anew. */
  get idle(): boolean {
    return this.refusal !== null && Date.now() >= this.#refusedUntilMs;
  }

  /** The producer was closed. */
  close(): void {
    this.#failHeld(new Error('The producer was closed.'));
  }

  #choose(key: Uint8Array | null): PartitionQueue {
    const partitions = this.#partitions;
    const number =
      key === null
        ? Math.floor(this.#keyless++ / STICKY_RECORDS) % partitions.length
        : partitionOf(key, partitions.length);
    return partitions[number]!;
  }

  /** Whether a refusal is over; then the topic is asked for again. */
  #expired(): boolean {
    if (Date.now() < this.#refusedUntilMs || !isTopicName(this.topic)) return false;
    this.refusal = null;
    this.#ask(this);
    return true;
  }

  #missing(): boolean {
    this.#missingSinceMs ??= Date.now();
    if (Date.now() - this.#missingSinceMs < MISSING_MS) return false;
    this.#missingSinceMs = null;
    this.#refuse(reasonOf(UNKNOWN_TOPIC));
    return true;
  }

  /** Batches under way see it before their next try. */
  #refuse(reason: string): void {
    this.refusal = this.#shipping.events.refused(reason);
    this.#refusedUntilMs = Date.now() + REFUSED_MS;
    this.#failHeld(this.refusal);
  }

  #failHeld(error: Error): void {
    for (const held of this.#takeHeld()) held.failed(error);
  }

  #release(): void {
    for (const { key, value, stored, failed } of this.#takeHeld())
      this.#choose(key).add(key, value).then(stored, failed);
  }

  #takeHeld(): Held[] {
    const held = this.#held;
    this.#held = [];
    for (const each of held) this.#shipping.bytes -= sizeOf(each);
    return held;
  }
}

/** Of `org.apache.kafka.common.internals.Topic`. */
export const isTopicName = (name: string): boolean =>
  /^[a-zA-Z0-9._-]{1,249}$/.test(name) && name !== '.' && name !== '..';

const copied = (bytes: Uint8Array | null): Buffer | null =>
  bytes === null ? null : Buffer.from(bytes);

const sizeOf = ({ key, value }: Pick<Held, 'key' | 'value'>): number =>
  (key?.length ?? 0) + (value?.length ?? 0);
