/**
 * One task of the Kafka spout: a member of the group. What the runtime has settled and stored is what it commits.
 *
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Consumer,
  REBALANCE_TIMEOUT_MS,
  type ConsumerOptions,
  type Fetched,
  type Offsets,
} from '../../clients/kafka/consumer/consumer.js';
import type { Batch, SpoutContext, SpoutTask } from '../../topology/dsl/spout.js';
import { Lag } from './lag.js';

/** What may be out with the bolts; beyond it nothing is polled, and so in the end nothing fetched. */
const HELD_BYTES_MAX = 32 * 1024 * 1024;
/** For what is in flight when a partition goes; the rest of the time is for storing and committing. */
const REVOKE_TIMEOUT_MS = REBALANCE_TIMEOUT_MS / 2;

export class KafkaTask<T extends object> implements SpoutTask<T> {
  readonly #context: SpoutContext;
  readonly #batchOf: (fetched: Fetched) => Batch<T>;
  readonly #consumer: Consumer;
  readonly #lag: Lag;
  /** Bytes of the batches that are out. */
  readonly #held = new Map<object, number>();
  #heldBytes = 0;
  #failed: Error | null = null;

  constructor(
    context: SpoutContext,
    options: ConsumerOptions,
    batchOf: (fetched: Fetched) => Batch<T>,
  ) {
    this.#context = context;
    this.#batchOf = batchOf;
    const memberFile = join(context.stateDir, 'kafka-member');
    this.#consumer = new Consumer(
      { ...options, ...lastMemberIn(memberFile) },
      {
        joined: (member) => writeFileSync(memberFile, member),
        assigned: (partitions) => this.#lag.begin(partitions),
        revoked: (partitions, lost) => this.#revoked(partitions, lost),
        ready: () => context.wake(),
        notice: (message) => context.warn(message),
        skipped: ({ topic, partition }, messages) =>
          context
            .counter(SKIPPED, SKIPPED_HELP, { topic, partition: `${partition}` })
            .add(messages),
        failed: (error) => {
          this.#failed = error;
          context.wake();
        },
      },
    );
    this.#lag = new Lag(context, () => this.#consumer.endOffsets());
  }

  /** @throws Error when it cannot go on */
  poll(): Batch<T> | 'idle' {
    if (this.#failed !== null) throw this.#failed;
    if (this.#heldBytes > HELD_BYTES_MAX) return 'idle';
    const fetched = this.#consumer.poll();
    if (fetched === undefined) return 'idle';
    const batch = this.#batchOf(fetched);
    this.#held.set(batch, fetched.bytes);
    this.#heldBytes += fetched.bytes;
    return batch;
  }

  release(batch: Batch<T>): void {
    const wasFull = this.#heldBytes > HELD_BYTES_MAX;
    this.#heldBytes -= this.#held.get(batch) ?? 0;
    this.#held.delete(batch);
    if (wasFull && this.#heldBytes <= HELD_BYTES_MAX) this.#context.wake();
  }

  committed(positions: Offsets): void {
    this.#consumer.commit(positions);
    this.#lag.done(positions);
  }

  async close(): Promise<void> {
    this.#lag.stop();
    await this.#consumer.close();
  }

  async #revoked(partitions: readonly string[], lost: boolean): Promise<void> {
    const timeoutMs = lost ? 0 : REVOKE_TIMEOUT_MS;
    await Promise.all(partitions.map((name) => this.#context.revoke(name, timeoutMs)));
    this.#lag.end(partitions);
  }
}

const SKIPPED = 'kafka_skipped_messages_total';
const SKIPPED_HELP = 'Messages never read, as their offset was out of range.';

/** The member that this task was before its process died. */
function lastMemberIn(path: string): { lastMember?: string } {
  return existsSync(path) ? { lastMember: readFileSync(path, 'utf8') } : {};
}
