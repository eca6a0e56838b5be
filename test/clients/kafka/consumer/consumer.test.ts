import { spawn } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  CompressionTypes,
  ResourcePatternTypes,
} from 'kafkajs';
import { kafkaOf } from '../../../../clients/kafka/connection.js';
import type { ConsumerOptions } from '../../../../clients/kafka/consumer/consumer.js';
import { eventually } from '../../../support/cli.js';
import { isInstalled } from '../../../support/services/service.js';
import {
  kafkaIsInstalled,
  startKafka,
  type KafkaCluster,
} from '../../../support/services/kafka.js';
import { closeMembers, committedBy, Member, numbered, produce } from '../members.js';

const SESSION_MS = 1500;
/** For kcat, whose members choose another way to share by default. */
const ROUND_ROBIN = [
  '-X',
  'partition.assignment.strategy=roundrobin',
  '-X',
  'session.timeout.ms=6000',
];
const COMPRESSIONS: { readonly [name: string]: CompressionTypes } = {
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

(kafkaIsInstalled() ? describe : describe.skip)('a consumer', () => {
  let cluster: KafkaCluster;
  let topic: string;
  let group: string;
  let number = 0;
  beforeAll(async () => {
    cluster = await startKafka({ sasl: true });
  });
  beforeEach(() => {
    topic = `topic-${++number}`;
    group = `group-${number}`;
  });
  afterEach(closeMembers);
  afterAll(() => cluster?.remove());

  const join = (options: object = {}): Member =>
    new Member(cluster, { group, topics: [topic], sessionTimeoutMs: SESSION_MS, ...options });
  const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));
  const sorted = (members: readonly Member[]): string[] =>
    members.flatMap(({ values }) => values).sort((a, b) => Number(a) - Number(b));

  test('shares partitions with another that comes, and takes them over when it goes: each message is read once', async () => {
    await cluster.createTopic(topic, 4);
    await produce(cluster, topic, numbered(1000, 4));
    const first = join();
    await eventually(() => first.records.length === 1000);
    expect(first.assigned.size).toBe(4);
    const second = join();
    await eventually(() => second.assigned.size === 2 && first.assigned.size === 2);
    await produce(cluster, topic, numbered(1000, 4, 1000));
    await eventually(() => first.records.length + second.records.length === 2000);
    expect(second.records.length).toBe(500);
    await second.close();
    await eventually(() => first.assigned.size === 4);
    await produce(cluster, topic, numbered(1000, 4, 2000));
    await eventually(() => first.records.length + second.records.length === 3000);
    expect(sorted([first, second])).toEqual(numbers(3000));
    await first.close();
    expect(await committedBy(cluster, group, topic)).toEqual([750, 750, 750, 750]);
  });

  (isInstalled('kcat', 'kcat') ? test : test.skip)(
    'shares partitions with another client, whoever leads the group',
    async () => {
      await cluster.createTopic(topic, 4);
      await produce(cluster, topic, numbered(400, 4));
      const first = join();
      await eventually(() => first.assigned.size === 4);
      first.commit();
      const other = spawn('kcat', ['-b', cluster.brokers[0]!, ...ROUND_ROBIN, '-G', group, topic]);
      try {
        await eventually(() => first.assigned.size === 2);
        await first.close();
        const second = join();
        await eventually(() => second.assigned.size === 2);
      } finally {
        other.kill('SIGKILL');
      }
    },
  );

  test('commits nothing but what it was told to, and the next one goes on from there', async () => {
    await cluster.createTopic(topic, 1);
    await produce(cluster, topic, numbered(10, 1));
    const first = join();
    await eventually(() => first.records.length === 10);
    first.finishing = () => new Promise(() => {});
    first.consumer.commit(new Map([[`${topic}-0`, 4]]));
    await eventually(async () => (await committedBy(cluster, group, topic))[0] === 4);
    const second = join({ lastMember: first.id });
    await eventually(() => second.records.length === 6);
    expect(second.values).toEqual(['4', '5', '6', '7', '8', '9']);
    first.finishing = async () => {};
  });

  test('keeps its partitions however long it does not poll', async () => {
    await cluster.createTopic(topic, 2);
    await produce(cluster, topic, numbered(10, 2));
    const member = join();
    member.slow = true;
    await eventually(() => member.assigned.size === 2);
    const began = performance.now();
    await eventually(() => performance.now() - began > 3 * SESSION_MS);
    member.slow = false;
    member.poll();
    await eventually(() => member.records.length === 10);
    member.commit();
    await eventually(async () => (await committedBy(cluster, group, topic)).join() === '5,5');
    expect(member.revocations).toEqual([]);
  });

  test('lets what is in flight finish before its partitions go, longer than a session if need be', async () => {
    await cluster.createTopic(topic, 2);
    await produce(cluster, topic, numbered(10, 2));
    const first = join();
    await eventually(() => first.records.length === 10);
    let finish = (): void => {};
    first.finishing = () => new Promise((resolve) => (finish = resolve));
    const second = join();
    await eventually(() => first.revocations.length === 1);
    const began = performance.now();
    await eventually(() => performance.now() - began > 2 * SESSION_MS);
    expect(second.assigned.size).toBe(0);
    finish();
    await eventually(() => second.assigned.size === 1);
    expect([...second.assigned.values()]).toEqual([5]);
    expect(first.revocations).toEqual([false]);
    first.finishing = async () => {};
  });

  test('begins where it is told to, at partitions of which the group has committed nothing', async () => {
    await cluster.createTopic(topic, 2);
    await produce(cluster, topic, [
      { value: 'old', partition: 0, timestamp: '1000' },
      { value: 'new', partition: 0, timestamp: '3000' },
      { value: 'other', partition: 1, timestamp: '1500' },
    ]);
    const began = async (from: ConsumerOptions['from']): Promise<number[]> => {
      const member = join({ from, group: `${group}-${++number}` });
      await eventually(() => member.assigned.size === 2);
      const offsets = [0, 1].map((partition) => member.assigned.get(`${topic}-${partition}`)!);
      await member.close();
      return offsets;
    };
    expect(await began('earliest')).toEqual([0, 0]);
    expect(await began('latest')).toEqual([2, 1]);
    expect(await began(new Date(2000))).toEqual([1, 1]);
    expect(await began({ [topic]: { 0: 1 } })).toEqual([1, 0]);
  });

  test('loses nothing between a first life that began at the end and read nothing, and the next', async () => {
    await cluster.createTopic(topic, 1);
    await produce(cluster, topic, numbered(3, 1));
    const first = join({ from: 'latest' });
    await eventually(() => first.assigned.size === 1);
    await first.close();
    await produce(cluster, topic, numbered(2, 1, 3));
    const second = join({ from: 'latest' });
    await eventually(() => second.records.length === 2);
    expect(second.values).toEqual(['3', '4']);
  });

  describe('whose offset is gone', () => {
    const MESSAGES = 20;
    const FIRST = 12;

    /** The group has committed 5, and the broker has what lies from 12 on. */
    beforeEach(async () => {
      await cluster.createTopic(topic, 1);
      await produce(cluster, topic, numbered(MESSAGES, 1));
      const partitions = [{ partition: 0, offset: String(FIRST) }];
      const first = join();
      await eventually(() => first.assigned.size === 1);
      first.finishing = async () => first.consumer.commit(new Map([[`${topic}-0`, 5]]));
      first.commit = () => {};
      await first.close();
      await cluster.admin(async (admin) => {
        // Without that it does not know whom to ask.
        await admin.fetchTopicOffsets(topic);
        await admin.deleteTopicRecords({ topic, partitions });
      });
    });

    test.each([
      ['earliest', FIRST, 7],
      ['latest', MESSAGES, 15],
    ] as const)(
      'goes on at the %s, and says how many messages it skipped',
      async (outOfRange, at, skipped) => {
        const member = join({ outOfRange });
        await eventually(() => member.skipped.length > 0);
        await produce(cluster, topic, numbered(1, 1, MESSAGES));
        await eventually(() => member.values.includes(String(MESSAGES)));
        expect(Number(member.values[0])).toBe(at);
        expect(member.skipped).toEqual([`${topic}-0 ${skipped}`]);
        expect(member.notices).toEqual([
          `Kafka: the next offset of ${topic}-0, 5, is out of range: the broker has 12 to 20. Goes on at ${at}: ${skipped} messages were skipped.`,
        ]);
        await member.close();
        expect(await committedBy(cluster, group, topic)).toEqual([MESSAGES + 1]);
      },
    );

    test('fails when told to, and leaves the offset as it is', async () => {
      const member = join({ outOfRange: 'fail' });
      await eventually(() => member.failure !== null);
      expect(member.failure!.message).toContain(
        `the next offset of ${topic}-0, 5, is out of range: the broker has 12 to 20. What lay between is gone. Set outOfRange`,
      );
      await member.close();
      expect(await committedBy(cluster, group, topic)).toEqual([5]);
    });
  });

  test('reads keys, values and headers as they are, also where there are none', async () => {
    await cluster.createTopic(topic, 1);
    await produce(cluster, topic, [
      {
        key: 'k',
        value: Buffer.from([0, 255]),
        timestamp: '1234567890123',
        headers: { one: 'a', many: ['b', 'c'] },
      },
      { key: null, value: null },
    ]);
    const member = join();
    await eventually(() => member.records.length === 2);
    expect(member.records).toEqual([
      {
        of: `${topic}-0`,
        offset: 0,
        timestampMs: 1234567890123,
        key: Buffer.from('k'),
        value: Buffer.from([0, 255]),
        headers: { one: Buffer.from('a'), many: [Buffer.from('b'), Buffer.from('c')] },
      },
      expect.objectContaining({ offset: 1, key: null, value: null, headers: {} }),
    ]);
  });

  test.each(Object.keys(COMPRESSIONS))('reads what was compressed with %s', async (name) => {
    await cluster.createTopic(topic, 1);
    await produce(cluster, topic, numbered(500, 1), COMPRESSIONS[name]);
    const member = join();
    await eventually(() => member.records.length === 500);
    expect(member.values).toEqual(numbers(500));
  });

  test('reads nothing of a transaction that was aborted, and is at the end behind its last marker', async () => {
    await cluster.createTopic(topic, 1);
    const producer = kafkaOf({ brokers: cluster.brokers }).producer({
      transactionalId: topic,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    for (const [value, ends] of [
      ['first', 'commit'],
      ['never', 'abort'],
      ['last', 'commit'],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value }] });
      await transaction[ends]();
    }
    await producer.disconnect();
    const member = join();
    await eventually(() => member.records.length === 2);
    expect(member.values).toEqual(['first', 'last']);
    const ends = await member.consumer.endOffsets();
    await member.close();
    expect(await committedBy(cluster, group, topic)).toEqual([...ends.values()]);
  });

  test('that has no partition is told of none, whatever others have committed', async () => {
    await cluster.createTopic(topic, 1);
    await produce(cluster, topic, numbered(10, 1));
    const first = join();
    await eventually(() => first.records.length === 10);
    first.commit();
    const second = join();
    await eventually(() => first.shares + second.shares === 3);
    expect(first.assigned.size + second.assigned.size).toBe(1);
  });

  test('takes its share of a topic that it finds later than the one who shares out', async () => {
    await cluster.createTopic(`${topic}-a`, 1);
    await cluster.createTopic(`${topic}-b`, 4);
    let matched = `^${topic}-a$`;
    /** Sees what a member sees that looks before there is a second topic, and later after it. */
    class Late extends RegExp {
      override get source(): string {
        return matched;
      }
    }
    const first = join({ topics: new RegExp(`^${topic}-`), metadataMaxAgeMs: 200 });
    await eventually(() => first.assigned.size === 5);
    const second = join({ topics: new Late(''), metadataMaxAgeMs: 200 });
    await eventually(() => first.shares + second.shares === 3);
    matched = `^${topic}-`;
    await eventually(() => second.assigned.size >= 2);
    expect(first.assigned.size + second.assigned.size).toBe(5);
  });

  test('finds new topics that match, and new partitions, within the time it was given', async () => {
    await cluster.createTopic(`${topic}-a`, 1);
    const topics = new RegExp(`^${topic}-`, 'g');
    const first = join({ topics, metadataMaxAgeMs: 200 });
    const second = join({ topics, metadataMaxAgeMs: 200 });
    await eventually(() => first.assigned.size + second.assigned.size === 1);
    await cluster.createTopic(`${topic}-b`, 1);
    await eventually(() => first.assigned.size === 1 && second.assigned.size === 1);
    await cluster.admin((admin) =>
      admin.createPartitions({ topicPartitions: [{ topic: `${topic}-b`, count: 3 }] }),
    );
    await eventually(() => first.assigned.size === 2 && second.assigned.size === 2);
  });

  test('that comes in the place of one that died need not wait for its session to time out', async () => {
    await cluster.createTopic(topic, 1);
    await produce(cluster, topic, numbered(3, 1));
    const first = join({ sessionTimeoutMs: 60_000 });
    await eventually(() => first.records.length === 3);
    const second = join({ sessionTimeoutMs: 60_000, lastMember: first.id });
    await eventually(() => second.records.length === 3);
    // The dead one, if it was none, learns of it, and is let in again as another.
    await eventually(() => first.revocations.length === 1);
    expect(first.revocations).toEqual([true]);
  });

  describe('that logs in', () => {
    const as = (password: string): Member =>
      join({
        connection: {
          brokers: cluster.saslBrokers,
          sasl: { mechanism: 'plain', username: 'alice', password },
        },
      });

    test.each([
      ['with a wrong password', 'guessed', 'Authentication failed'],
      ['and may not read', 'secret', 'Not authorized to access topics'],
    ])('fails %s', async (_, password, why) => {
      await cluster.createTopic(topic, 1);
      const member = as(password);
      await eventually(() => member.failure !== null);
      expect(member.failure!.message).toContain(`Kafka: the group "${group}" cannot be joined: `);
      expect(member.failure!.message).toContain(why);
    });

    test('reads what it is let', async () => {
      await cluster.createTopic(topic, 1);
      await produce(cluster, topic, numbered(3, 1));
      const to = { principal: 'User:alice', host: '*', permissionType: AclPermissionTypes.ALLOW };
      const read = {
        ...to,
        operation: AclOperationTypes.READ,
        resourcePatternType: ResourcePatternTypes.LITERAL,
      };
      await cluster.admin((admin) =>
        admin.createAcls({
          acl: [
            { ...read, resourceType: AclResourceTypes.TOPIC, resourceName: topic },
            { ...read, resourceType: AclResourceTypes.GROUP, resourceName: group },
          ],
        }),
      );
      const member = as('secret');
      await eventually(() => member.records.length === 3);
      member.commit();
      await eventually(async () => (await committedBy(cluster, group, topic))[0] === 3);
    });
  });

  test('waits for a broker that is gone, says so once, and goes on with the partitions it had', async () => {
    await cluster.createTopic(topic, 2);
    await produce(cluster, topic, numbered(10, 2));
    const member = join({ sessionTimeoutMs: 120_000 });
    await eventually(() => member.records.length === 10);
    const isBack = (): boolean => /answers again/.test(member.notices.at(-1) ?? 'answers again');
    // A broker that has just made its topics may still look for its coordinator.
    await eventually(isBack);
    await cluster.nodes[0]!.kill();
    await eventually(() => !isBack());
    member.commit();
    await cluster.nodes[0]!.start();
    await produce(cluster, topic, numbered(10, 2, 10));
    await eventually(() => member.records.length === 20);
    await eventually(async () => (await committedBy(cluster, group, topic)).join() === '5,5');
    await eventually(isBack);
    for (const [i, notice] of member.notices.entries())
      expect(notice).toMatch(
        i % 2 === 0
          ? /^Kafka: .*\. Waits, and tries again\.$/
          : /^Kafka: answers again after [\d.]+ s/,
      );
    expect(member.revocations).toEqual([]);
  });
});
