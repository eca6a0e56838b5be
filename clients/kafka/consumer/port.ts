/**
 * What a consumer is told, and what it tells.
 *
 * @module
 */
import type { KafkaConnection } from '../connection.js';
import type { Offsets, StartAt } from './offsets.js';
import type { TopicPartition } from './kafkajs-parts.js';

/** Where to go on when the broker no longer has, or never had, the offset that is next. */
export type OutOfRange = 'earliest' | 'latest' | 'fail';

export interface ConsumerOptions {
  readonly connection: KafkaConnection;
  readonly group: string;
  /** Names, or what names must match. */
  readonly topics: readonly string[] | RegExp;
  readonly from: StartAt;
  readonly outOfRange: OutOfRange;
  /** Kafka's `session.timeout.ms`: without a heartbeat for so long, others get its partitions. */
  readonly sessionTimeoutMs: number;
  /** Kafka's `metadata.max.age.ms`: new topics and partitions are found within this time. */
  readonly metadataMaxAgeMs: number;
  /** The member that this one takes over from, as its process has died: the group need not wait for its session to time out. */
  readonly lastMember?: string;
}

export interface ConsumerEvents {
  /** The member's id in the group. */
  joined(member: string): void;
  /** These partitions are this member's, each beginning at its offset; by partition name. */
  assigned(partitions: Offsets): void;
  /**
   * The same partitions are about to be another's. Resolves when all that can be committed was handed to `commit`, in less
   * than `REBALANCE_TIMEOUT_MS`.
   * @param lost they are another's already, and nothing can be committed any more
   */
  revoked(partitions: readonly string[], lost: boolean): Promise<void>;
  /** There is something to poll. */
  ready(): void;
  /** For the operator. */
  notice(message: string): void;
  /** So many messages were never read: the broker no longer had them, or the policy is to go on at the end. */
  skipped(partition: TopicPartition, messages: number): void;
  /** It cannot go on: it is not allowed to, or was told to fail. */
  failed(error: Error): void;
}

/** The group waits so long for a member that lets what is in flight finish. */
export const REBALANCE_TIMEOUT_MS = 60_000;
