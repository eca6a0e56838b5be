/**
 * A spout of the messages of Kafka topics. Its tasks are members of one consumer group, with those of other runs and machines:
 * each partition is read by one of them. What is committed to the group is the contiguous prefix of what is done,
 * and the group's offsets are where a restart goes on.
 *
 * @module
 */
import { checkTopics } from '../../clients/kafka/consumer/check.js';
import type { Fetched } from '../../clients/kafka/consumer/consumer.js';
import { RawLine } from '../../topology/dsl/raw-line.js';
import { spout, type Batch, type Spout } from '../../topology/dsl/spout.js';
import type { Schema } from '../../topology/rows/schema.js';
import { KafkaTask } from './kafka-task.js';
import { MessageBatch } from './message-batch.js';
import { messageLines } from './message-lines.js';
import { KafkaMessage } from './message.js';
import { consumerOptions, type KafkaOptions } from './options.js';

/**
 * Emits a row per message. Key, value and headers are sealed. A run fails at its start when no broker answers or a topic
 * is missing; later it waits.
 *
 * @throws Error when an option is wrong, and says which
 *
 * @example
 * const messages = t.spout('orders', kafka({ brokers: ['localhost:9092'], topics: 'orders', group: 'billing' }));
 */
export const kafka = (options: KafkaOptions): Spout<KafkaMessage> =>
  spoutOf('kafka', options, KafkaMessage, MessageBatch.of);

/**
 * The same, with each message's value as a line, for `parse`. The line's `source` is the partition (`orders-2`) and its
 * `offset` the message's. A message without a value becomes a dead letter.
 *
 * @throws Error when an option is wrong, and says which
 *
 * @example
 * const lines = t.spout('requests', kafkaLines({ brokers: ['localhost:9092'], topics: /^webrequest_/, group: 'archive' }));
 * const { requests } = t.bolt('parse', parse({ format: 'json' }), { from: lines.shuffle() });
 */
export const kafkaLines = (options: KafkaOptions): Spout<RawLine> =>
  spoutOf('kafka-lines', options, RawLine, messageLines);

function spoutOf<T extends object>(
  kind: string,
  options: KafkaOptions,
  emits: Schema<T>,
  batchOf: (fetched: Fetched) => Batch<T>,
): Spout<T> {
  const consumer = consumerOptions(options);
  const { topics, group, from, outOfRange, connection } = consumer;
  return spout({
    kind,
    emits,
    parameters: {
      brokers: connection.brokers,
      topics: topics instanceof RegExp ? String(topics) : topics,
      group,
      from: from instanceof Date ? from.toISOString() : from,
      outOfRange,
    },
    async assign() {
      await checkTopics(connection, topics instanceof RegExp ? [] : topics);
      return [];
    },
    open: (context) => new KafkaTask(context, consumer, batchOf),
  });
}
