/**
 * Sends rows to Kafka topics.
 *
 * @module
 */
import { codecOf, type Compression } from '../../../clients/kafka/codecs/codecs.js';
import { checkBrokers, type KafkaConnection } from '../../../clients/kafka/connection.js';
import { KafkaProducer } from '../../../clients/kafka/producer/producer.js';
import { isTopicName } from '../../../clients/kafka/producer/topic-queue.js';
import type { ProducerEvents } from '../../../clients/kafka/producer/shipping.js';
import type { SinkContext } from '../../../topology/dsl/context.js';
import { Rejected } from '../../../topology/dsl/reject.js';
import { sink, type PublicRow, type Sink, type SinkTask } from '../../../topology/dsl/sink.js';
import type { Schema } from '../../../topology/rows/schema.js';
import { textBy } from '../rows/template.js';
import { fieldBytes, type BytesOf } from './field-bytes.js';
import { valueOf, type MessageValue } from './value.js';

export interface ToKafkaOptions extends KafkaConnection {
  /**
   * Of each row, by a template: `requests`, or `requests-{country_code}`. One without fields must be there when a run starts, unless
   * brokers make topics by themselves; others are never made.
   */
  readonly topic: string;
  /** The field that is the key: a text, bytes, an int. Rows of one key stay in their order. By default there is no key. */
  readonly key?: string;
  /** By default `'json'`, as `jsonLines` writes it. */
  readonly value?: MessageValue;
  /** By default `'lz4'`: with what it saves in sending it costs less than none (3.0 against 3.5 µs a record of 450 bytes). */
  readonly compression?: Compression;
}

/**
 * Sends each row as one message. It is acked when all in-sync replicas have it. While brokers are away, rows wait and so do
 * the spouts; a row that the cluster refuses becomes a dead letter, and the others go on.
 *
 * @throws Error when the brokers or the compression are none; when the plan is built, also if topic, key or value do not fit the rows; at the start of a run, if no broker answers or the topic is missing
 *
 * @example
 * t.sink('out', toKafka({ brokers: ['localhost:9092'], topic: 'requests', key: 'country_code' }), { from: safe.shuffle() });
 */
export function toKafka(options: ToKafkaOptions): Sink<PublicRow> {
  const { brokers, topic, key, value = 'json', compression = 'lz4' } = options;
  checkBrokers(brokers);
  codecOf(compression);
  return sink<PublicRow>({
    kind: 'kafka',
    parameters: { brokers, topic, ...(key !== undefined && { key }), value, compression },
    fits(reads) {
      checkTopic(topic);
      textBy(topic, reads);
      keyOf(key, reads);
      valueOf(value, reads);
    },
    check: () => KafkaProducer.check(options, isTemplate(topic) ? null : topic),
    open: (context) => open({ ...options, value, compression }, context),
  });
}

async function open(
  options: ToKafkaOptions & { value: MessageValue; compression: Compression },
  context: SinkContext,
): Promise<SinkTask<PublicRow>> {
  const topicOf = textBy(options.topic, context.reads);
  const key = keyOf(options.key, context.reads);
  const value = valueOf(options.value, context.reads);
  const { compression } = options;
  const producer = await KafkaProducer.open({
    connection: options,
    compression,
    events: eventsTo(context),
  });
  return {
    write: (row) => producer.send(topicOf(row), key(row), value(row)),
    full: () => producer.full,
    close: () => producer.close(),
  };
}

const keyOf = (name: string | undefined, schema: Schema): BytesOf =>
  name === undefined ? () => null : fieldBytes('key', name, schema, ['text', 'int', 'bytes']);

const isTemplate = (topic: string): boolean => /[{}]/.test(topic);

/** Of a template, what is written out. */
function checkTopic(topic: string): void {
  if (
    isTemplate(topic)
      ? /^[\w.-]*$/.test(topic.replaceAll(/\{[^{}]*\}|[{}]/g, ''))
      : isTopicName(topic)
  )
    return;
  throw new Error(
    `topic is "${topic}", which is no name of a topic: 1 to 249 of a-z, A-Z, 0-9, dot, dash and underscore, and fields in braces.`,
  );
}

function eventsTo(context: SinkContext): ProducerEvents {
  const records = context.counter('kafka_records_total', 'Records that Kafka has stored.');
  const bytes = context.counter('kafka_bytes_total', 'Bytes of stored record batches, compressed.');
  const retries = context.counter('kafka_retries_total', 'Batches that had to be sent again.');
  return {
    stored: (count, size) => {
      records.add(count);
      bytes.add(size);
    },
    retried: () => retries.add(),
    waiting: (reason) => {
      if (reason !== null) context.warn(`Kafka does not take records for now: ${reason}`);
      context.stalled(reason === null ? null : 'kafka');
    },
    refused: (reason) => new Rejected(reason),
  };
}
