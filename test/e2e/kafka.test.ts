/** A run that reads Kafka: what it says when it cannot, and how it ends. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { committedBy, Member, numbered, produce } from '../clients/kafka/members.js';
import { eventually, place, summaryIn, TEST_TIMEOUT_MS, type Place } from '../support/cli.js';
import { freePorts } from '../support/services/service.js';
import { kafkaIsInstalled, startKafka, type KafkaCluster } from '../support/services/kafka.js';

jest.setTimeout(TEST_TIMEOUT_MS);

/** Where each message came from, with nothing of what is in it. */
const ORIGINS = `
import { z } from 'zod';
import { bolt, int, jsonLines, kafka, KafkaMessage, schema, text, topology } from 'squall';

const Origin = schema('origin', { topic: text(), partition: int(), offset: int() });
const origins = bolt({
  reads: Origin,
  emits: { origins: Origin },
  process: (row, emit) => emit.origins.from(row, {}),
});
const params = z.object({ brokers: z.string(), topic: z.string() });

export default topology('origins', { params }, (t, { brokers, topic }) => {
  const messages = t.spout('messages', kafka({ brokers: [brokers], topics: topic, group: topic }));
  const read = t.bolt('origins', origins, { from: messages.shuffle() });
  t.sink('stored', jsonLines({ dir: 'out' }), { from: read.origins.shuffle() });
});
`;

/** The statuses in lines of them. */
const STATUSES = `
import { z } from 'zod';
import { int, jsonLines, kafkaLines, parse, schema, topology } from 'squall';

const Status = schema('status', { http_status: int() });
const params = z.object({ brokers: z.string(), topic: z.string() });

export default topology('statuses', { params }, (t, { brokers, topic }) => {
  const lines = t.spout('lines', kafkaLines({ brokers: [brokers], topics: topic, group: topic }));
  const { requests } = t.bolt('parse', parse({ format: '%s', emits: Status }), { from: lines.shuffle() });
  t.sink('stored', jsonLines({ dir: 'out' }), { from: requests.shuffle() });
});
`;

function args(here: Place, topology: string, brokers: string, topic: string): string[] {
  here.write('topology.ts', topology);
  return ['run', './topology.ts', '--set', `brokers=${brokers}`, '--set', `topic=${topic}`];
}

test('a run whose brokers do not answer does not begin', async () => {
  const here = place();
  const [port] = await freePorts(1);
  const { code, stderr } = await here.squall(args(here, ORIGINS, `127.0.0.1:${port}`, 'topic'));
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(
      new RegExp(`messages: Kafka at 127.0.0.1:${port} does not answer: .*Start it, or correct`),
    ),
  });
});

test('a run whose brokers take connections and say nothing does not begin, and Ctrl-C need not wait for that', async () => {
  const mute = createServer(() => {}).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const broker = `127.0.0.1:${(mute.address() as AddressInfo).port}`;
  const [reading, writing, stopped] = [place(), place(), place()];
  const toMute = ['run', 'udp-to-kafka', '--set', 'port=9', '--set', 'to=t'];
  const impatient = stopped.start([...toMute, '--set', `brokers=${broker}`]);
  await eventually(() => impatient.stderr().includes('0 emitted'));
  impatient.interrupt();
  expect(await impatient.ended).toMatchObject({ code: 0 });
  const [source, sink] = await Promise.all([
    reading.squall(args(reading, ORIGINS, broker, 'topic')),
    writing.squall([...toMute, '--set', `brokers=${broker}`]),
  ]);
  mute.close();
  for (const { code, stderr } of [source, sink]) {
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toContain(broker);
    expect(stderr).toMatch(/no answer within 10 s\. Start .*correct brokers, ssl and sasl/);
  }
});

(kafkaIsInstalled() ? describe : describe.skip)('a run that reads Kafka', () => {
  let cluster: KafkaCluster;
  let here: Place;
  let topic: string;
  let number = 0;
  beforeAll(async () => {
    cluster = await startKafka();
  });
  beforeEach(() => {
    here = place();
    topic = `topic-${++number}`;
  });
  afterAll(() => cluster?.remove());

  const run = (topology: string): string[] => args(here, topology, cluster.brokers[0]!, topic);
  const committed = (): Promise<number[]> => committedBy(cluster, topic, topic);

  test('does not begin without its topic', async () => {
    const { code, stderr } = await here.squall(run(ORIGINS));
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toContain(
      `messages: The topic "${topic}" is not on these brokers, or may not be seen. Create it, or correct its name.`,
    );
  });

  test('stores what comes, commits it, and leaves the group when it is stopped', async () => {
    await cluster.createTopic(topic, 3);
    await produce(cluster, topic, [...numbered(300, 3), { value: null, partition: 0 }]);
    const running = here.start([...run(ORIGINS), '--workers', '2', '--json']);
    await running.until(async () => (await committed()).join() === '101,100,100');
    running.signal('SIGTERM');
    const ended = await running.ended;
    expect({ code: ended.code, ...summaryIn(ended) }).toMatchObject({
      code: 0,
      outcome: 'stopped',
      emitted: 301,
      acked: 301,
      deadLetters: 0,
    });
    const { groups } = await cluster.admin((admin) => admin.describeGroups([topic]));
    expect(groups[0]!.members).toEqual([]);
  });

  test('gives up messages that are no lines of its format, and commits past them', async () => {
    await cluster.createTopic(topic, 1);
    const values = ['200', null, 'two hundred', '404'];
    await produce(
      cluster,
      topic,
      values.map((value) => ({ value })),
    );
    const running = here.start([...run(STATUSES), '--workers', '1', '--json']);
    await running.until(async () => (await committed())[0] === values.length);
    running.signal('SIGTERM');
    const ended = await running.ended;
    expect({ code: ended.code, ...summaryIn(ended) }).toMatchObject({
      code: 3,
      acked: 2,
      deadLetters: 2,
    });
    expect(ended.stderr).toContain('rejected(lines, message without a value)');
    expect(ended.stderr).not.toContain('two hundred');
  });

  test('ends with what to do when messages are gone that it was to read', async () => {
    await cluster.createTopic(topic, 1);
    await produce(cluster, topic, numbered(10, 1));
    const before = new Member(cluster, { group: topic, topics: [topic] });
    await eventually(() => before.assigned.size === 1);
    before.consumer.commit(new Map([[`${topic}-0`, 2]]));
    before.commit = () => {};
    await before.close();
    await cluster.admin(async (admin) => {
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '5' }] });
    });
    const { code, stderr } = await here.squall([...run(ORIGINS), '--workers', '1']);
    expect({ code, stderr }).toMatchObject({ code: 1 });
    expect(stderr).toContain(
      `messages: Kafka: the next offset of ${topic}-0, 2, is out of range: the broker has 5 to 10. What lay between is gone. Set outOfRange`,
    );
    expect(await committed()).toEqual([2]);
  });

  test('says that its broker is gone, and can be stopped all the same', async () => {
    await cluster.createTopic(topic, 1);
    await produce(cluster, topic, numbered(10, 1));
    const running = here.start([...run(ORIGINS), '--workers', '1']);
    await running.until(async () => (await committed())[0] === 10);
    await cluster.nodes[0]!.kill();
    try {
      await running.until(() => running.stderr().includes('Waits, and tries again.'));
      running.signal('SIGTERM');
      expect((await running.ended).code).toBe(0);
    } finally {
      await cluster.nodes[0]!.start();
    }
    await eventually(async () => (await committed())[0] === 10);
  });
});
