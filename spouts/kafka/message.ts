/** A message as it came: what the Kafka spout emits. @module */
import { bytes, int, nullable, pii, text, time } from '../../topology/rows/field.js';
import { schema, type RowOf } from '../../topology/rows/schema.js';

/** Key, value and headers are sealed, as nobody knows what producers put there. */
export const KafkaMessage = schema('kafka_message', {
  topic: text(),
  partition: int({ min: 0 }),
  offset: int({ min: 0 }),
  /** Of the producer, or of the broker if the topic says so. */
  timestamp: time(),
  key: pii('free_text', nullable(bytes())),
  value: pii('free_text', nullable(bytes())),
  /** A JSON object of texts by name, `{}` without headers: a list where a name came several times, null for a header without a value. */
  headers: pii('free_text', text()),
});

export type KafkaMessage = RowOf<typeof KafkaMessage>;
