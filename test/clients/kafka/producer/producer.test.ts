import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { connect, createServer } from 'node:net';
import kafkajs from 'kafkajs';
import type { KafkaConnection } from '../../../../clients/kafka/connection.js';
import type { Compression } from '../../../../clients/kafka/codecs/codecs.js';
import { KafkaProducer } from '../../../../clients/kafka/producer/producer.js';
import type { ProducerEvents } from '../../../../clients/kafka/producer/shipping.js';
import {
  kafkaIsInstalled,
  startKafka,
  type KafkaCluster,
} from '../../../support/services/kafka.js';
import { freePorts, isInstalled } from '../../../support/services/service.js';

const COMPRESSIONS: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
const installed = kafkaIsInstalled() && isInstalled('kcat', 'kcat');
const withKafka = installed ? describe : describe.skip;

let kafka: KafkaCluster;
const open: KafkaProducer[] = [];
const told: (string | null)[] = [];
const sent = { batches: 0, records: 0 };
const EVENTS: ProducerEvents = {
  stored: (records) => {
    sent.batches++;
    sent.records += records;
  },
  retried: () => {},
  refused: (reason) => new Error(`refused: ${reason}`),
  waiting: (reason) => void told.push(reason),
};

beforeAll(async () => {
  if (!installed) return;
  kafka = await startKafka({ sasl: true });
}, 120_000);
afterAll(async () => {
  for (const producer of open) await producer.close();
  if (installed) await kafka.remove();
});

const producer = (compression?: Compression): Promise<KafkaProducer> =>
  openOn({ brokers: kafka.brokers }, compression);

async function openOn(
  connection: KafkaConnection,
  compression: Compression = 'none',
): Promise<KafkaProducer> {
  const made = await KafkaProducer.open({ connection, compression, events: EVENTS });
  open.push(made);
  return made;
}

/** All of a topic, by librdkafka: `partition key value`, where the key may be NULL. */
const stored = (topic: string, cluster = kafka): string[] =>
  execFileSync(
    'kcat',
    ['-b', cluster.brokers.join(','), '-C', '-t', topic, '-e', '-q', '-Z', '-f', '%p %k %s\n'],
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

  test('every compression is read by the Java client and by librdkafka', async () => {
    const valuesOf = (name: Compression): string[] =>
      Array.from({ length: 3000 }, (_, i) => `${name} ${i} ${'row '.repeat(i % 50)}.`);
    for (const name of COMPRESSIONS) {
      await kafka.createTopic(`by-${name}`);
      const to = await producer(name);
      await Promise.all(valuesOf(name).map((value) => to.send(`by-${name}`, null, bytes(value))));
      expect(stored(`by-${name}`)).toEqual(valuesOf(name).map((value) => `0 NULL ${value}`));
    }
    const count = String(3000 * COMPRESSIONS.length);
    const all = ['--include', 'by-.*', '--from-beginning', '--max-messages', count];
    const lines = await kafka.tool('consumer.ConsoleConsumer', [...all, '--timeout-ms', '20000']);
    for (const name of COMPRESSIONS)
      expect(lines.split('\n').filter((line) => line.startsWith(`${name} `))).toEqual(
        valuesOf(name),
      );
  }, 60_000);

  test('puts a key into the partition where the Java client puts it', async () => {
    await kafka.createTopic('ours', 7);
    await kafka.createTopic('java', 7);
    const keys = Array.from({ length: 200 }, (_, i) => `${'é'.repeat(i % 5)}${i * i * 31}`);
    const to = await producer();
    await Promise.all(keys.map((key) => to.send('ours', bytes(key), bytes('v'))));
    const lines = keys.map((key) => `${key}=v\n`).join('');
    const properties = [
      '--reader-property',
      'parse.key=true',
      '--reader-property',
      'key.separator==',
    ];
    await kafka.tool('ConsoleProducer', ['--topic', 'java', ...properties], lines);
    expect(stored('ours').toSorted()).toEqual(stored('java').toSorted());
  }, 30_000);

  test('spreads records without a key over all partitions, in batches', async () => {
    await kafka.createTopic('keyless', 3);
    const to = await producer();
    const before = { ...sent };
    await Promise.all(
      Array.from({ length: 6000 }, (_, i) => to.send('keyless', null, bytes(`${i}`))),
    );
    const partitions = stored('keyless').map((line) => line[0]);
    for (const partition of ['0', '1', '2'])
      expect(partitions.filter((each) => each === partition)).toHaveLength(2000);
    expect(sent.records - before.records).toBe(6000);
    expect(sent.batches - before.batches).toBeLessThan(30);
  });

  test('keeps the order of a key, however many records are under way', async () => {
    await kafka.createTopic('ordered', 4);
    const to = await producer('lz4');
    const all: Promise<void>[] = [];
    for (let i = 0; i < 20_000; i++) {
      all.push(to.send('ordered', bytes(`key-${i % 100}`), bytes(`${i} ${'x'.repeat(i % 700)}`)));
      // Also between two batches of a partition.
      if (i % 1000 === 0) await new Promise(setImmediate);
    }
    await Promise.all(all);
    expectInOrder(stored('ordered'), 20_000);
  }, 30_000);

  test('what a topic refuses fails with a reason, and the records around it are stored', async () => {
    await kafka.createTopic('small', 1, { 'max.message.bytes': '2000' });
    await kafka.createTopic('compacted', 1, { 'cleanup.policy': 'compact' });
    const to = await producer();
    const reasons = await Promise.all(
      [
        ...['a', 'x'.repeat(3000), 'b', 'c', 'y'.repeat(2500)].map((value) =>
          to.send('small', null, bytes(value)),
        ),
        ...['k', null, 'l'].map((key) =>
          to.send('compacted', key === null ? null : bytes(key), bytes('v')),
        ),
        to.send('no/topic', null, bytes('v')),
        to.send('missing', null, bytes('v')),
      ].map(reasonOf),
    );
    expect(reasons).toEqual([
      'stored',
      'refused: record too large for the topic',
      'stored',
      'stored',
      'refused: record too large for the topic',
      'stored',
      'refused: record refused by the topic, e.g. without a key where it is compacted',
      'stored',
      'refused: invalid topic name',
      'refused: topic missing',
    ]);
    expect(stored('small')).toEqual(['0 NULL a', '0 NULL b', '0 NULL c']);
    expect(stored('compacted')).toEqual(['0 k v', '0 l v']);
  }, 30_000);

  test('a topic that was missing is used once it is there, and one that is deleted is missing', async () => {
    const to = await producer();
    expect(await reasonOf(to.send('late', null, bytes('1')))).toBe('refused: topic missing');
    expect(await reasonOf(to.send('late', null, bytes('2')))).toBe('refused: topic missing');
    await kafka.createTopic('late');
    let reason = '';
    while ((reason = await reasonOf(to.send('late', null, bytes('3')))) !== 'stored')
      expect(reason).toBe('refused: topic missing');
    await kafka.admin((admin) => admin.deleteTopics({ topics: ['late'] }));
    while ((reason = await reasonOf(to.send('late', null, bytes('4')))) === 'stored');
    expect(reason).toBe('refused: topic missing');
  }, 60_000);

  test('while the broker is dead records wait, and all of them are stored in their order when it is back', async () => {
    await kafka.createTopic('killed', 4);
    const to = await producer();
    told.length = 0;
    const all: Promise<void>[] = [];
    const send = (from: number, until: number): void => {
      for (let i = from; i < until; i++)
        all.push(to.send('killed', bytes(`key-${i % 100}`), bytes(`${i} ${'x'.repeat(400)}`)));
    };
    send(0, 10_000);
    await all[0];
    await kafka.nodes[0]!.kill();
    send(10_000, 20_000);
    await until(() => told.length > 0);
    await kafka.nodes[0]!.start();
    send(20_000, 22_000);
    await Promise.all(all);
    expectInOrder(stored('killed'), 22_000);
    expect(told).toEqual([
      expect.stringMatching(/ECONNREFUSED|Closed connection|ECONNRESET/),
      null,
    ]);
  }, 60_000);

  test('what it cannot send when it is closed fails', async () => {
    const to = await producer();
    const never = reasonOf(to.send('never', null, bytes('v')));
    await to.close();
    expect(await never).toBe('The producer was closed.');
  });

  test('without a broker the check says which were tried, and it is opened when there is one', async () => {
    const [port] = await freePorts(1);
    const connection = { brokers: [`127.0.0.1:${port}`] };
    expect(await reasonOf(KafkaProducer.check(connection))).toMatch(
      /None of the brokers 127.0.0.1:\d+ can be used: .*ECONNREFUSED.* Start Kafka there/,
    );
    await KafkaProducer.check({ brokers: [...connection.brokers, ...kafka.brokers] });
    told.length = 0;
    const opening = openOn(connection);
    await until(() => told.length > 0);
    const proxy = createServer((socket) => {
      socket.pipe(connect(Number(kafka.brokers[0]!.split(':')[1]))).pipe(socket);
    }).listen(port);
    await opening;
    expect(told).toEqual([expect.stringContaining('ECONNREFUSED'), null]);
    proxy.close();
  });

  test('the check asks for the topic, and says what to do when it is missing or may not be written', async () => {
    const connection = { brokers: kafka.brokers };
    await kafka.createTopic('there');
    await KafkaProducer.check(connection, 'there');
    expect(await reasonOf(KafkaProducer.check(connection, 'missing'))).toBe(
      'The topic "missing" cannot be written: topic missing. Create it, or correct its name or the rights of this client.',
    );
    const sasl = { mechanism: 'plain', username: 'alice', password: 'secret' } as const;
    const alice = { brokers: kafka.saslBrokers, sasl };
    expect(await reasonOf(KafkaProducer.check(alice, 'there'))).toContain('not authorised');
  });

  test('a client that is not let in does not open', async () => {
    const sasl = { mechanism: 'plain', username: 'alice', password: 'wrong' } as const;
    const opening = openOn({ brokers: kafka.saslBrokers, sasl });
    await expect(opening).rejects.toThrow('correct brokers, ssl and sasl');
  });

  test('what a client may not write is refused, and what it may is stored', async () => {
    await kafka.createTopic('allowed');
    await kafka.createTopic('forbidden');
    await kafka.admin((admin) => admin.createAcls({ acl: [MAY_WRITE] }));
    const sasl = { mechanism: 'plain', username: 'alice', password: 'secret' } as const;
    const to = await openOn({ brokers: kafka.saslBrokers, sasl });
    const reasons = ['allowed', 'forbidden', 'allowed'].map((topic) =>
      reasonOf(to.send(topic, null, bytes('v'))),
    );
    expect(await Promise.all(reasons)).toEqual([
      'stored',
      'refused: not authorised to write to the topic',
      'stored',
    ]);
  });
});

withKafka('a producer on Kafka 3.9', () => {
  test('stores and refuses as on later ones', async () => {
    const older = await startKafka({ version: '3.9.2' });
    await older.createTopic('small', 1, { 'max.message.bytes': '2000' });
    const to = await openOn({ brokers: older.brokers }, 'zstd');
    const values = ['a', randomBytes(3000).toString('hex'), 'b'];
    const reasons = values.map((value) => reasonOf(to.send('small', null, bytes(value))));
    expect(await Promise.all(reasons)).toEqual([
      'stored',
      'refused: record too large for the topic',
      'stored',
    ]);
    expect(stored('small', older)).toEqual(['0 NULL a', '0 NULL b']);
    await older.remove();
  }, 120_000);
});

withKafka('a producer on three brokers', () => {
  test('goes on with the next leader when one is killed: nothing is lost, doubled or out of order', async () => {
    const three = await startKafka({ nodes: 3 });
    await three.createTopic('led', 3);
    const to = await openOn({ brokers: [three.brokers[0]!] });
    const all: Promise<void>[] = [];
    const send = (from: number, until: number): void => {
      for (let i = from; i < until; i++)
        all.push(to.send('led', bytes(`key-${i % 100}`), bytes(`${i} ${'x'.repeat(400)}`)));
    };
    send(0, 10_000);
    await all[0];
    const { topics } = await three.admin((admin) => admin.fetchTopicMetadata({ topics: ['led'] }));
    await three.nodes[topics[0]!.partitions[0]!.leader - 1]!.kill();
    send(10_000, 12_000);
    await Promise.all(all);
    expectInOrder(stored('led', three), 12_000);
    await three.remove();
  }, 120_000);
});

const MAY_WRITE = {
  resourceType: AclResourceTypes.TOPIC,
  resourceName: 'allowed',
  resourcePatternType: ResourcePatternTypes.LITERAL,
  principal: 'User:alice',
  host: '*',
  operation: AclOperationTypes.WRITE,
  permissionType: AclPermissionTypes.ALLOW,
};

const reasonOf = (sending: Promise<unknown>): Promise<string> =>
  sending.then(
    () => 'stored',
    (error: Error) => error.message,
  );

/** Lines of `partition key number …`, each number once, and growing within a key. */
function expectInOrder(lines: readonly string[], count: number): void {
  const last = new Map<string, number>();
  const disordered: string[] = [];
  const seen = new Set<number>();
  for (const line of lines) {
    const [, key, number] = line.split(' ', 3);
    if (Number(number) <= (last.get(key!) ?? -1)) disordered.push(line.slice(0, 40));
    last.set(key!, Number(number));
    seen.add(Number(number));
  }
  expect(disordered).toEqual([]);
  expect(seen.size).toBe(count);
  expect(lines).toHaveLength(count);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((done) => setTimeout(done, 20));
}

withKafka('brokers that make topics by themselves', () => {
  test('make the topic that the check asks for', async () => {
    const making = await startKafka({ makesTopics: true });
    const [connection, topic] = [{ brokers: making.brokers }, 'made'];
    await KafkaProducer.check(connection, topic);
    const producer = await openOn(connection);
    await producer.send(topic, null, Buffer.from('x'));
    expect(stored(topic, making)).toHaveLength(1);
    await producer.close();
    await making.remove();
  });
});
