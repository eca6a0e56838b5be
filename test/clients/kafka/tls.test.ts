/** Brokers that speak TLS. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { KafkaConnection } from '../../../clients/kafka/connection.js';
import { checkTopics } from '../../../clients/kafka/consumer/check.js';
import { KafkaProducer } from '../../../clients/kafka/producer/producer.js';
import { eventually } from '../../support/cli.js';
import { kafkaIsInstalled, startKafka, type KafkaCluster } from '../../support/services/kafka.js';
import { isInstalled } from '../../support/services/service.js';
import { closeMembers, Member } from './members.js';

const QUIET = {
  compression: 'none',
  events: {
    stored: () => {},
    retried: () => {},
    waiting: () => {},
    refused: (reason: string) => new Error(reason),
  },
} as const;

const installed = kafkaIsInstalled() && isInstalled('openssl', 'openssl');

(installed ? describe : describe.skip)('over TLS', () => {
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await startKafka({ tls: true });
    await cluster.createTopic('sealed', 2);
  });
  afterEach(closeMembers);
  afterAll(() => cluster?.remove());

  const trusting = (): KafkaConnection => ({
    brokers: cluster.saslBrokers,
    ssl: { ca: cluster.ca },
  });

  test('rows are stored and read, by whoever trusts the certificate', async () => {
    await KafkaProducer.check(trusting(), 'sealed');
    const producer = await KafkaProducer.open({ connection: trusting(), ...QUIET });
    const keys = Array.from({ length: 100 }, (_, i) => Buffer.from(String(i)));
    await Promise.all(keys.map((key) => producer.send('sealed', key, Buffer.from('value'))));
    await producer.close();
    await checkTopics(trusting(), ['sealed']);
    const member = new Member(cluster, { connection: trusting(), topics: ['sealed'] });
    await eventually(() => member.records.length === keys.length);
    expect(new Set(member.records.map(({ key }) => String(key))).size).toBe(keys.length);
  });

  test('a certificate that nobody vouches for is refused, with what to do', async () => {
    const trustful: KafkaConnection = { brokers: cluster.saslBrokers, ssl: true };
    await expect(checkTopics(trustful, ['sealed'])).rejects.toThrow(
      /correct brokers, ssl and sasl/,
    );
    await expect(KafkaProducer.check(trustful, 'sealed')).rejects.toThrow(
      /correct brokers, ssl and sasl/,
    );
  });
});
