/** A broker with a topic full of access logs, for the two ways through it. @module */
import { KafkaProducer } from '../../clients/kafka/producer/producer.js';
import { generateLines } from '../../spouts/generate/index.js';
import { startKafka, type KafkaCluster } from '../../test/support/services/kafka.js';

export const INPUT = 'input';
export const OUTPUT = 'output';

/** Starts it. What comes out is dropped by the broker when there is much of it. */
export async function kafkaWith(lines: number): Promise<KafkaCluster> {
  const kafka = await startKafka();
  await kafka.createTopic(INPUT, 4);
  await kafka.createTopic(OUTPUT, 4, {
    'segment.bytes': '50000000',
    'retention.bytes': '100000000',
  });
  const producer = await KafkaProducer.open({
    connection: { brokers: kafka.brokers },
    compression: 'lz4',
    events: {
      stored: () => {},
      retried: () => {},
      waiting: () => {},
      refused: (reason) => new Error(reason),
    },
  });
  for (const piece of generateLines(lines))
    await Promise.all(split(piece).map((line) => producer.send(INPUT, null, line)));
  await producer.close();
  return kafka;
}

function split(piece: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < piece.length;) {
    const end = piece.indexOf(10, start);
    lines.push(piece.subarray(start, end));
    start = end + 1;
  }
  return lines;
}
