/** Members of a group whose every step a test sees. @module */
import kafkajs, { CompressionTypes, type Message } from 'kafkajs';
import {
  Consumer,
  partitionName,
  type ConsumerOptions,
  type KafkaRecord,
} from '../../../clients/kafka/consumer/consumer.js';
import { kafkaOf } from '../../../clients/kafka/connection.js';
import { errorType } from '../../../clients/kafka/consumer/kafkajs-parts.js';
import type { KafkaCluster } from '../../support/services/kafka.js';

/** Reads at once what comes, and commits it when told to. */
export class Member {
  readonly consumer: Consumer;
  /** By partition name: where it began. */
  readonly assigned = new Map<string, number>();
  /** How often it was told its share. */
  shares = 0;
  readonly records: (KafkaRecord & { readonly of: string })[] = [];
  readonly notices: string[] = [];
  readonly skipped: string[] = [];
  readonly revocations: boolean[] = [];
  failure: Error | null = null;
  id = '';
  /** Stops to poll. */
  slow = false;
  /** What is waited for before partitions are given back. */
  finishing: () => Promise<void> = async () => {};
  readonly #done = new Map<string, number>();

  constructor(cluster: KafkaCluster, options: Partial<ConsumerOptions>) {
    this.consumer = new Consumer(
      {
        connection: { brokers: cluster.brokers },
        group: 'group',
        topics: ['topic'],
        from: 'earliest',
        outOfRange: 'fail',
        sessionTimeoutMs: 1500,
        metadataMaxAgeMs: 60_000,
        ...options,
      },
      {
        joined: (id) => void (this.id = id),
        assigned: (partitions) => {
          this.shares++;
          for (const [name, offset] of partitions) this.assigned.set(name, offset);
        },
        revoked: async (partitions, lost) => {
          this.revocations.push(lost);
          await this.finishing();
          this.commit();
          for (const name of partitions) this.assigned.delete(name);
        },
        committed: () => {},
        ready: () => this.poll(),
        notice: (message) => void this.notices.push(message),
        skipped: (partition, messages) =>
          void this.skipped.push(`${partitionName(partition)} ${messages}`),
        failed: (error) => void (this.failure = error),
      },
    );
    members.add(this);
  }

  poll(): void {
    while (!this.slow) {
      const fetched = this.consumer.poll();
      if (fetched === undefined) return;
      const of = partitionName(fetched);
      for (const record of fetched.records) this.records.push({ ...record, of });
      this.#done.set(of, fetched.nextOffset);
    }
  }

  /** All that was polled is done. */
  commit(): void {
    this.consumer.commit(this.#done);
    this.#done.clear();
  }

  get values(): string[] {
    return this.records.map(({ value }) => String(value));
  }

  async close(): Promise<void> {
    members.delete(this);
    await this.consumer.close();
  }
}

const members = new Set<Member>();

/** For `afterEach`: a test that failed must not leave members behind. */
export async function closeMembers(): Promise<void> {
  await Promise.all([...members].map((member) => member.close()));
}

/** Each message once: of a request that is refused for one partition kafkajs sends all again, also what another has taken. */
export async function produce(
  { brokers }: KafkaCluster,
  topic: string,
  messages: Message[],
  compression: CompressionTypes = CompressionTypes.None,
): Promise<void> {
  const producer = kafkaOf({ brokers }).producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  await producer.send({ topic, messages, compression });
  await producer.disconnect();
}

/** Messages `0` to `count - 1`, in turn in each of so many partitions. */
export const numbered = (count: number, partitions: number, first = 0): Message[] =>
  Array.from({ length: count }, (_, i) => ({
    value: String(first + i),
    partition: (first + i) % partitions,
  }));

/** What the group has committed, by partition; nothing while its coordinator is still being made. */
export async function committedBy(
  cluster: KafkaCluster,
  groupId: string,
  topic: string,
): Promise<number[]> {
  const topics = await cluster
    .admin((admin) => admin.fetchOffsets({ groupId, topics: [topic] }))
    .catch((error: Error) => {
      if (/COORDINATOR|GROUP_LOAD_IN_PROGRESS/.test(errorType(error))) return [];
      throw error;
    });
  return topics
    .flatMap(({ partitions }) => partitions)
    .sort((a, b) => a.partition - b.partition)
    .map(({ offset }) => Number(offset));
}
