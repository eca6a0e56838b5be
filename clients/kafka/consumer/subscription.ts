/**
 * The topics that a consumer reads: given by name, or all whose names match.
 *
 * @module
 */
import type { BrokerMetadata, Cluster } from 'kafkajs';

export interface Subscribed {
  /** Their names, in order where they match a pattern. */
  readonly topics: string[];
  /** Another text when there are other topics or partitions. */
  readonly shape: string;
}

export class Subscription {
  readonly #cluster: Cluster;
  readonly #wanted: readonly string[] | RegExp;

  constructor(cluster: Cluster, wanted: readonly string[] | RegExp) {
    this.#cluster = cluster;
    this.#wanted = wanted;
  }

  /**
   * What there is now; what the cluster knows of their partitions is new then.
   *
   * @throws UNKNOWN_TOPIC_OR_PARTITION when a name is no topic's
   */
  async read(): Promise<Subscribed> {
    const topics = await this.#topics();
    const partitionsOf = (topic: string): unknown[] =>
      this.#cluster.findTopicPartitionMetadata(topic);
    const shape = JSON.stringify(topics.map((topic) => [topic, partitionsOf(topic).length]));
    return { topics, shape };
  }

  async #topics(): Promise<string[]> {
    // Without topics to know of, the cluster learns about all.
    if (!(this.#wanted instanceof RegExp))
      await this.#cluster.addMultipleTargetTopics([...this.#wanted]);
    await this.#cluster.refreshMetadata();
    if (!(this.#wanted instanceof RegExp)) return [...this.#wanted];
    // Null when no broker answered, whatever its type says.
    const metadata: BrokerMetadata | null = await this.#cluster.metadata();
    if (metadata === null) throw new Error('no broker lists its topics');
    const names = metadata.topicMetadata.map(({ topic }) => topic);
    return names.filter(matching(this.#wanted)).sort();
  }
}

/** Kafka's own topics (`__consumer_offsets`) are never matched. */
function matching(pattern: RegExp): (topic: string) => boolean {
  // One that is global or sticky would go on where it stopped.
  const stateless = new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, ''));
  return (topic) => !topic.startsWith('__') && stateless.test(topic);
}
