/**
 * A topology from Kafka to Kafka: numbered messages through `kafkaLines → parse → anonymize → toKafka`, what is committed
 * meanwhile, as seen from outside, and what arrived.
 *
 * @module
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Producer } from 'kafkajs';
import { Member } from '../../clients/kafka/members.js';
import { kafkaOf } from '../../../clients/kafka/connection.js';
import { partitionNamed } from '../../../clients/kafka/consumer/consumer.js';
import type { KafkaCluster } from '../services/kafka.js';
import { eventually } from '../cli.js';
import { CliRun } from './cli-run.js';

const PARTITIONS = 4;
const BATCH = 500;
const LOOK_MS = 100;

const TOPOLOGY = `
import { z } from 'zod';
import { anonymize, int, kafkaLines, parse, pii, schema, toKafka, topology, truncate } from 'squall';

const Hit = schema('hit', { ip: pii('ip'), sequence: int() });
const params = z.object({ brokers: z.string(), input: z.string(), out: z.string() });

export default topology('pipe', { params }, (t, { brokers: given, input, out }) => {
  const brokers = given.split(',');
  const lines = t.spout('lines', kafkaLines({ brokers, topics: input, group: input, sessionTimeoutMs: 10_000 }));
  const { requests } = t.bolt('parse', parse({ format: '%h\\\\t%n', emits: Hit }), { from: lines.shuffle() });
  const cut = anonymize(Hit, { ip: truncate({ v4: 24, v6: 48 }) });
  const { safe } = t.bolt('anonymize', cut, { from: requests.shuffle() });
  t.sink('out', toKafka({ brokers, topic: out }), { from: safe.shuffle() });
});
`;

/** What the group had committed at a moment, and, asked after that, where the output ended. */
interface Look {
  readonly committed: readonly number[];
  readonly ends: readonly number[];
}

/** Where a number arrived. */
interface Place {
  readonly partition: number;
  readonly offset: number;
}

export interface Arrived {
  readonly rows: number;
  /** How often each number is there. */
  readonly copies: Uint8Array;
  /** Looks at which something was committed that had not arrived. */
  readonly early: readonly string[];
  readonly looks: number;
}

export class KafkaPipe {
  readonly #cluster: KafkaCluster;
  readonly #root: string;
  readonly #producer: Producer;
  readonly input: string;
  readonly out: string;
  #produced = 0;
  readonly #looks: Look[] = [];
  #watching: Promise<void> | null = null;
  #over = false;

  private constructor(cluster: KafkaCluster, root: string, name: string) {
    this.#cluster = cluster;
    this.#root = root;
    this.input = `${name}-in`;
    this.out = `${name}-out`;
    this.#producer = kafkaOf(cluster).producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      idempotent: true,
    });
  }

  static async open(cluster: KafkaCluster, root: string, name: string): Promise<KafkaPipe> {
    const pipe = new KafkaPipe(cluster, root, name);
    await cluster.createTopic(pipe.input, PARTITIONS);
    await cluster.createTopic(pipe.out, PARTITIONS);
    await pipe.#producer.connect();
    pipe.#watching = pipe.#watch();
    pipes.add(pipe);
    return pipe;
  }

  get produced(): number {
    return this.#produced;
  }

  /** So many more messages: number n is at offset n / 4 of partition n % 4. */
  async produce(count: number): Promise<void> {
    const end = this.#produced + count;
    while (this.#produced < end) {
      const first = this.#produced;
      const numbers = Array.from({ length: Math.min(BATCH, end - first) }, (_, i) => first + i);
      const messages = numbers.map((n) => ({
        partition: n % PARTITIONS,
        value: `198.51.100.${n % 256}\t${n}`,
      }));
      await this.#producer.send({ topic: this.input, messages });
      this.#produced += numbers.length;
    }
  }

  /** A run of its own state, in the same group as the others. */
  run(): CliRun {
    const folder = mkdtempSync(join(this.#root, 'run-'));
    writeFileSync(join(folder, 'topology.mjs'), TOPOLOGY);
    const brokers = this.#cluster.brokers.join(',');
    const sets = { brokers, input: this.input, out: this.out };
    const args = Object.entries(sets).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    return new CliRun(folder, './topology.mjs', [...args, '--workers', '2']);
  }

  /**
   * Waits until the group has so many members, and has shared out its partitions.
   * @param before ids of which one must have been replaced
   * @returns their ids
   */
  async members(count: number, before: readonly string[] = []): Promise<string[]> {
    let ids: string[] = [];
    await eventually(async () => {
      const { groups } = await this.#cluster.admin((admin) => admin.describeGroups([this.input]));
      ids = groups[0]!.members.map(({ memberId }) => memberId).sort();
      return groups[0]!.state === 'Stable' && ids.length === count && ids.join() !== before.join();
    });
    return ids;
  }

  /** The broker, by number from 1, that leads the first partition of the input. */
  async leader(): Promise<number> {
    const { topics } = await this.#cluster.admin((admin) =>
      admin.fetchTopicMetadata({ topics: [this.input] }),
    );
    return topics[0]!.partitions.find(({ partitionId }) => partitionId === 0)!.leader;
  }

  /** Waits until so many messages are committed. */
  async committed(messages: number): Promise<void> {
    while (sum(this.#looks.at(-1)?.committed ?? []) < messages) await sleep(LOOK_MS);
  }

  /** What arrived, once nothing runs any more. */
  async arrived(): Promise<Arrived> {
    await this.close();
    const { ends } = await this.#look();
    const reader = new Member(this.#cluster, {
      group: `${this.out}-reader`,
      topics: [this.out],
      sessionTimeoutMs: 30_000,
    });
    await eventually(() => reader.records.length >= sum(ends));
    await reader.close();
    const copies = new Uint8Array(this.#produced);
    const places = Array.from({ length: this.#produced }, (): Place[] => []);
    for (const { of: name, offset, value } of reader.records) {
      const { sequence } = JSON.parse(String(value)) as { sequence: number };
      copies[sequence]!++;
      places[sequence]!.push({ partition: partitionNamed(name).partition, offset });
    }
    const looks = this.#looks.length;
    return { rows: reader.records.length, copies, early: this.#early(places), looks };
  }

  async close(): Promise<void> {
    pipes.delete(this);
    this.#over = true;
    await this.#watching;
    await this.#producer.disconnect();
  }

  #early(places: readonly (readonly Place[])[]): string[] {
    return this.#looks.flatMap(({ committed, ends }) =>
      committed.flatMap((end, partition) => {
        const offsets = Array.from({ length: end }, (_, offset) => offset);
        const missing = offsets.filter(
          (offset) =>
            !places[offset * PARTITIONS + partition]!.some(
              (place) => place.offset < ends[place.partition]!,
            ),
        );
        return missing.map((offset) => `${partition}: ${offset} of ${end} committed`);
      }),
    );
  }

  async #watch(): Promise<void> {
    while (!this.#over) {
      // While brokers are away there is nothing to see.
      await this.#look().then(
        (look) => this.#looks.push(look),
        () => {},
      );
      await sleep(LOOK_MS);
    }
  }

  async #look(): Promise<Look> {
    return this.#cluster.admin(async (admin) => {
      const [found] = await admin.fetchOffsets({ groupId: this.input, topics: [this.input] });
      const committed = inOrder(found!.partitions);
      return { committed, ends: inOrder(await admin.fetchTopicOffsets(this.out)) };
    });
  }
}

const pipes = new Set<KafkaPipe>();

/** For `afterEach`: a test that failed must not leave them open. */
export async function closePipes(): Promise<void> {
  await Promise.all([...pipes].map((pipe) => pipe.close()));
}

const inOrder = (partitions: readonly { partition: number; offset: string }[]): number[] =>
  partitions
    .toSorted((a, b) => a.partition - b.partition)
    .map(({ offset }) => Math.max(0, Number(offset)));

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
