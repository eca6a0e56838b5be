/** What users say of a Kafka source, and the consumer that it comes to. @module */
import { checkBrokers, type KafkaConnection } from '../../clients/kafka/connection.js';
import type {
  ConsumerOptions,
  OutOfRange,
  StartAt,
} from '../../clients/kafka/consumer/consumer.js';

export interface KafkaOptions extends KafkaConnection {
  /** A topic, several, or all whose names match. */
  readonly topics: string | readonly string[] | RegExp;
  /** The consumer group. Runs that are to share the topics have the same one. */
  readonly group: string;
  /**
   * Where to begin with a partition of which the group has committed nothing: at the first message, behind the last,
   * at the first that is not older than a Date, or at offsets (`{ topic: { 0: 1500 } }`, at the first where none is given).
   * By default 'earliest'.
   */
  readonly from?: StartAt;
  /** What to do when the broker does not have the offset that is next: go on at the first or behind the last, or fail, which is the default. */
  readonly outOfRange?: OutOfRange;
  /** Kafka's `session.timeout.ms`: after so long without a sign of life, others get a task's partitions. By default 30 s. */
  readonly sessionTimeoutMs?: number;
  /** Kafka's `metadata.max.age.ms`: new topics and partitions are found within it. By default 60 s. */
  readonly metadataMaxAgeMs?: number;
}

/** @throws Error that names the option that is wrong */
export function consumerOptions({
  topics,
  group,
  from = 'earliest',
  outOfRange = 'fail',
  sessionTimeoutMs = 30_000,
  metadataMaxAgeMs = 60_000,
  ...connection
}: KafkaOptions): ConsumerOptions {
  checkBrokers(connection.brokers);
  const wanted = typeof topics === 'string' ? [topics] : topics;
  if (!(wanted instanceof RegExp)) checkTopicNames(wanted);
  if (group === '') throw new Error('group is empty; name the consumer group.');
  checkFrom(from, wanted);
  for (const [name, ms] of Object.entries({ sessionTimeoutMs, metadataMaxAgeMs })) {
    if (!Number.isInteger(ms) || ms < 1)
      throw new Error(`${name} is ${ms}; give a whole number of milliseconds above 0.`);
  }
  return {
    connection,
    topics: wanted,
    group,
    from,
    outOfRange,
    sessionTimeoutMs,
    metadataMaxAgeMs,
  };
}

function checkTopicNames(topics: readonly string[]): void {
  if (topics.length === 0) throw new Error('topics is an empty list; name a topic.');
  const wrong = topics.find((topic) => !/^[\w.-]{1,249}$/.test(topic));
  if (wrong !== undefined)
    throw new Error(
      `topics has "${wrong}", which is no name of a topic: 1 to 249 of a-z, A-Z, 0-9, dot, dash and underscore. A pattern is written as /…/.`,
    );
}

function checkFrom(from: StartAt, topics: readonly string[] | RegExp): void {
  if (from === 'earliest' || from === 'latest') return;
  if (from instanceof Date) {
    if (Number.isNaN(from.getTime())) throw new Error('from is an invalid Date.');
    return;
  }
  for (const [topic, offsets] of Object.entries(from)) {
    if (topics instanceof RegExp ? topic.search(topics) < 0 : !topics.includes(topic))
      throw new Error(
        `from has offsets for "${topic}", which is not among topics. Correct either.`,
      );
    for (const [partition, offset] of Object.entries(offsets)) {
      if (!/^\d+$/.test(partition) || !Number.isSafeInteger(offset) || offset < 0)
        throw new Error(
          `from has the offset ${offset} for ${topic}, partition ${partition}; give whole numbers from 0, e.g. { ${topic}: { 0: 1500 } }.`,
        );
    }
  }
}
