import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import type { Compression } from '../../../clients/kafka/codecs.js';
import { KafkaProducer } from '../../../clients/kafka/producer.js';
import { kafkaIsInstalled, startKafka, type KafkaCluster } from '../../support/services/kafka.js';
import { isInstalled } from '../../support/services/service.js';

const installed = kafkaIsInstalled() && isInstalled('kcat', 'kcat');
const withKafka = installed ? describe : describe.skip;

let kafka: KafkaCluster;
const open: KafkaProducer[] = [];
const told: (string | null)[] = [];
const sent = { batches: 0, records: 0, retries: 0 };

beforeAll(async () => {
  if (installed) kafka = await startKafka();
}, 120_000);
afterAll(async () => {
  for (const producer of open) await producer.close();
  if (installed) await kafka.remove();
});

async function producer(compression: Compression = 'none'): Promise<KafkaProducer> {
  const made = await KafkaProducer.open({
    connection: { brokers: kafka.brokers },
    compression,
    events: {
      stored: (records) => {
        sent.batches++;
        sent.records += records;
      },
      retried: () => void sent.retries++,
      refused: (reason) => new Error(`refused: ${reason}`),
      waiting: (reason) => void told.push(reason),
    },
  });
  open.push(made);
  return made;
}

/** All of a topic, by librdkafka: `partition key value`, where the key may be NULL. */
const stored = (topic: string): string[] =>
  execFileSync(
    'kcat',
    ['-b', kafka.brokers.join(','), '-C', '-t', topic, '-e', '-q', '-Z', '-f', '%p %k %s\n'],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  )
    .split('\n')
    .slice(0, -1);

const bytes = (text: string): Buffer => Buffer.from(text);

withKafka('a producer', () => {
  test('stores records with and without key and value', async () => {
    await kafka.createTopic('plain');
    const to = await producer();
    await Promise.all([
      to.send('plain', bytes('k'), bytes('v')),
      to.send('plain', null, bytes('w')),
      to.send('plain', bytes('gone'), null),
    ]);
    expect(stored('plain')).toEqual(['0 k v', '0 NULL w', '0 gone NULL']);
  });

  test.each<Compression>(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    '%s is read by the Java client and by librdkafka',
    async (compression) => {
      const topic = `by-${compression}`;
      await kafka.createTopic(topic);
      const to = await producer(compression);
      const values = Array.from({ length: 3000 }, (_, i) => `${i} ${'row '.repeat(i % 50)}.`);
      await Promise.all(values.map((value) => to.send(topic, null, bytes(value))));
      expect(stored(topic)).toEqual(values.map((value) => `0 NULL ${value}`));
      const java = await kafka.tool('consumer.ConsoleConsumer', [
        '--topic',
        topic,
        '--from-beginning',
        '--max-messages',
        '3000',
        '--timeout-ms',
        '20000',
      ]);
      expect(java.split('\n').slice(0, -1)).toEqual(values);
    },
    60_000,
  );
});
