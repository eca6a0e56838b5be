import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { OwnMetrics } from '../../../runtime/metrics/own-metrics.js';
import { KafkaTask } from '../../../spouts/kafka/kafka-task.js';
import { messageLines } from '../../../spouts/kafka/message-lines.js';
import { consumerOptions } from '../../../spouts/kafka/options.js';
import type { RawLine } from '../../../topology/dsl/raw-line.js';
import type { Batch, SpoutContext } from '../../../topology/dsl/spout.js';
import { committedBy, numbered, produce } from '../../clients/kafka/members.js';
import { eventually } from '../../support/cli.js';
import { kafkaIsInstalled, startKafka, type KafkaCluster } from '../../support/services/kafka.js';

const MESSAGE_BYTES = 256 * 1024;
const HELD_BYTES_MAX = 32 * 1024 * 1024;

(kafkaIsInstalled() ? describe : describe.skip)('a task of the Kafka spout', () => {
  let cluster: KafkaCluster;
  let stateDir: string;
  let topic: string;
  let number = 0;
  const tasks: KafkaTask<RawLine>[] = [];
  beforeAll(async () => {
    cluster = await startKafka();
  });
  beforeEach(() => {
    topic = `topic-${++number}`;
    stateDir = mkdtempSync(join(tmpdir(), 'squall-kafka-task-'));
  });
  afterEach(async () => {
    await Promise.all(tasks.splice(0).map((task) => task.close()));
    rmSync(stateDir, { recursive: true });
  });
  afterAll(() => cluster?.remove());

  /** A task as a worker opens it; what it asks of the worker is kept. */
  function opened(): { task: KafkaTask<RawLine>; revoked: string[]; metrics: OwnMetrics } {
    const revoked: string[] = [];
    const metrics = new OwnMetrics();
    const context: SpoutContext = {
      topology: 't',
      component: 'kafka',
      task: 0,
      tasks: 1,
      worker: 0,
      stateDir,
      now: Date.now,
      warn: () => {},
      assignment: undefined,
      committed: new Map([[`${topic}-0`, 3]]),
      wake: () => {},
      journal: () => Promise.reject(new Error('Kafka needs no journal')),
      revoke: async (partition, timeoutMs) => void revoked.push(`${partition} ${timeoutMs}`),
      ...metrics.of('kafka'),
    };
    const { brokers } = cluster;
    const options = consumerOptions({ brokers, topics: topic, group: topic });
    const task = new KafkaTask(context, options, messageLines);
    tasks.push(task);
    return { task, revoked, metrics };
  }

  /** Polls until there is something. */
  async function polled(task: KafkaTask<RawLine>): Promise<Batch<RawLine>> {
    let batch: Batch<RawLine> | 'idle' = 'idle';
    await eventually(() => (batch = task.poll()) !== 'idle');
    return batch as never;
  }

  test('begins where the group is, whatever this state folder says, and commits what it is told', async () => {
    await cluster.createTopic(topic, 1);
    await produce(cluster, topic, numbered(10, 1));
    const { task, revoked } = opened();
    const batch = await polled(task);
    expect([batch.partition, batch.count, batch.origin(0)]).toEqual([
      `${topic}-0`,
      10,
      { file: `${topic}-0`, offset: 0 },
    ]);
    task.committed(new Map([[`${topic}-0`, 7]]));
    await eventually(async () => (await committedBy(cluster, topic, topic))[0] === 7);
    await task.close();
    expect(revoked).toEqual([`${topic}-0 30000`]);
    const again = opened();
    expect((await polled(again.task)).origin(0)).toEqual({ file: `${topic}-0`, offset: 7 });
  });

  test('holds no more memory than it may while nothing is released, and goes on when something is', async () => {
    await cluster.createTopic(topic, 1);
    const value = Buffer.alloc(MESSAGE_BYTES, 'x');
    const messages = (2 * HELD_BYTES_MAX) / MESSAGE_BYTES;
    for (let i = 0; i < messages; i += 2) await produce(cluster, topic, [{ value }, { value }]);
    const { task } = opened();
    const out: Batch<RawLine>[] = [];
    const bytes = (): number => out.reduce((sum, { count }) => sum + count * MESSAGE_BYTES, 0);
    while (bytes() <= HELD_BYTES_MAX) out.push(await polled(task));
    expect(bytes()).toBeLessThan(HELD_BYTES_MAX + 2 * 1024 * 1024);
    expect(task.poll()).toBe('idle');
    const released = out.splice(0);
    for (const batch of released) task.release(batch);
    let count = released.reduce((sum, batch) => sum + batch.count, 0);
    while (count < messages) {
      const batch = await polled(task);
      count += batch.count;
      task.release(batch);
    }
    expect(count).toBe(messages);
  });

  test('takes over at once from a life of it that died', async () => {
    await cluster.createTopic(topic, 1);
    await produce(cluster, topic, numbered(10, 1));
    const first = opened();
    await polled(first.task);
    const second = opened();
    expect((await polled(second.task)).count).toBe(10);
    // Were it alive, it would know that nothing can be committed any more.
    await eventually(() => first.revoked.length === 1);
    expect(first.revoked).toEqual([`${topic}-0 0`]);
  });

  test('shows how far it is behind, and nothing once its partitions are gone', async () => {
    await cluster.createTopic(topic, 1);
    await produce(cluster, topic, numbered(10, 1));
    const { task, metrics } = opened();
    await polled(task);
    task.committed(new Map([[`${topic}-0`, 4]]));
    const lag = (value: number): object => ({
      component: 'kafka',
      type: 'gauge',
      name: 'kafka_lag_messages',
      help: 'Messages behind the end of the partition.',
      labels: { topic, partition: '0' },
      value,
    });
    await eventually(() => metrics.snapshot()[0]?.value === 6);
    expect(metrics.snapshot()).toEqual([lag(6)]);
    await task.close();
    expect(metrics.snapshot()).toEqual([]);
  });
});
