/** The headers of a message as JSON text. @module */
import type { KafkaRecord } from '../../clients/kafka/consumer/consumer.js';

type Headers = KafkaRecord['headers'];

/** As `KafkaMessage` says; invalid UTF-8 in a value becomes U+FFFD. */
export function headersText(headers: Headers): Buffer {
  const entries = Object.entries(headers);
  if (entries.length === 0) return EMPTY;
  const texts = entries.map(([name, value]) => [name, textOf(value)]);
  return Buffer.from(JSON.stringify(Object.fromEntries(texts)));
}

function textOf(value: Headers[string]): unknown {
  if (Buffer.isBuffer(value)) return value.toString();
  return Array.isArray(value) ? value.map(textOf) : null;
}

const EMPTY = Buffer.from('{}');
