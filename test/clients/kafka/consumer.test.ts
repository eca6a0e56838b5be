import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/cli.js';
import { kafkaIsInstalled, startKafka, type KafkaCluster } from '../../support/services/kafka.js';
import { closeMembers, committedBy, Member, numbered, produce } from './members.js';

const SESSION_MS = 1500;

(kafkaIsInstalled() ? describe : describe.skip)('a consumer', () => {
  let cluster: KafkaCluster;
  let topic: string;
  let group: string;
  let number = 0;
  beforeAll(async () => {
    cluster = await startKafka();
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
});
