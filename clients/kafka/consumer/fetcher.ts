/**
 * Fetches the partitions of one assignment, each from its leader, one request a broker at a time.
 *
 * A partition is asked for only while nothing of it waits to be polled: who polls slowly pauses it. The session does not hang
 * on that, heartbeats are sent elsewhere.
 *
 * @module
 */
import type { Cluster } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  byTopic,
  errorType,
  partitionName,
  type FetchResponse,
  type RawFetched,
  type TopicPartition,
} from './kafkajs-parts.js';
import { committedRecords, nextOffset, type KafkaRecord } from './records.js';

/** Records of one partition, in order. */
export interface Fetched extends TopicPartition {
  readonly records: readonly KafkaRecord[];
  /** The offset to go on from after all of them. */
  readonly nextOffset: number;
  /** Of keys and values. */
  readonly bytes: number;
}

export interface FetcherEvents {
  /** There is something to poll. */
  ready(): void;
  /** A request was answered. */
  answered(): void;
  /** It tries again. */
  troubled(error: unknown): void;
  /** Where to go on, as the broker has no such offset. */
  outOfRange(partition: TopicPartition, offset: number): Promise<number>;
}

/** At most so much is asked for at once, of one partition and in all. A single larger batch comes all the same. */
const PARTITION_BYTES_MAX = 1024 * 1024;
const REQUEST_BYTES_MAX = 8 * 1024 * 1024;
/** What waits to be polled; beyond it nothing is asked for. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;
/** How long a broker may wait for something to send; short while some of its partitions are left out, which may soon be wanted. */
const WAIT_MS = 500;
const WAIT_MS_PAUSED = 20;
const READ_COMMITTED = 1;
const RETRY_MS = 200;

interface Position extends TopicPartition {
  next: number;
  /** The broker to ask. */
  leader: number;
  /** Something of it waits to be polled, or it is being asked for. */
  paused: boolean;
}

export class Fetcher {
  readonly #cluster: Cluster;
  readonly #events: FetcherEvents;
  readonly #positions = new Map<string, Position>();
  readonly #waiting: Fetched[] = [];
  #waitingBytes = 0;
  /** Brokers that are being asked. */
  readonly #busy = new Set<number>();
  #stopped = false;

  /** @param from by partition name */
  constructor(
    cluster: Cluster,
    from: ReadonlyMap<string, number>,
    partitions: readonly TopicPartition[],
    events: FetcherEvents,
  ) {
    this.#cluster = cluster;
    this.#events = events;
    for (const { topic, partition } of partitions) {
      const name = partitionName({ topic, partition });
      const next = from.get(name)!;
      this.#positions.set(name, { topic, partition, next, leader: NOBODY, paused: false });
    }
    this.#findLeaders();
    this.#ask();
  }

  /** The next records, if any wait. */
  poll(): Fetched | undefined {
    const fetched = this.#waiting.shift();
    if (fetched === undefined) return undefined;
    this.#waitingBytes -= fetched.bytes;
    this.#positions.get(partitionName(fetched))!.paused = false;
    this.#ask();
    return fetched;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** What waits is dropped, and what is on the way, too. */
  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
  }

  #ask(): void {
    if (this.#stopped || this.#waitingBytes > WAITING_BYTES_MAX) return;
    for (const [leader, all] of this.#byLeader()) {
      const wanted = all.filter(({ paused }) => !paused);
      if (wanted.length === 0 || this.#busy.has(leader)) continue;
      this.#busy.add(leader);
      void this.#fetch(leader, wanted, wanted.length === all.length)
        .catch((error: unknown) => this.#recover(error))
        .finally(() => {
          this.#busy.delete(leader);
          this.#ask();
        });
    }
  }

  async #fetch(leader: number, wanted: readonly Position[], all: boolean): Promise<void> {
    const broker = await this.#cluster.findBroker({ nodeId: String(leader) });
    const response: FetchResponse = await broker.fetch({
      isolationLevel: READ_COMMITTED,
      maxWaitTime: all ? WAIT_MS : WAIT_MS_PAUSED,
      minBytes: 1,
      maxBytes: REQUEST_BYTES_MAX,
      topics: byTopic(wanted, (each) => ({
        fetchOffset: String((each as Position).next),
        maxBytes: PARTITION_BYTES_MAX,
      })),
    });
    if (this.#stopped) return;
    this.#events.answered();
    for (const { topicName: topic, partitions } of response.responses)
      for (const raw of partitions) this.#take(topic, raw);
    if (this.#waiting.length > 0) this.#events.ready();
  }

  #take(topic: string, raw: RawFetched): void {
    const { partition, messages } = raw;
    const position = this.#positions.get(partitionName({ topic, partition }))!;
    const records = committedRecords(raw, position.next);
    position.next = nextOffset(messages, position.next);
    if (records.length === 0) return;
    const bytes = records.reduce(
      (sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0),
      0,
    );
    position.paused = true;
    this.#waitingBytes += bytes;
    this.#waiting.push({ topic, partition, records, nextOffset: position.next, bytes });
  }

  async #recover(error: unknown): Promise<void> {
    if (this.#stopped) return;
    if (isOutOfRange(error)) {
      const position = this.#positions.get(partitionName(error));
      if (position === undefined) return;
      await this.#events.outOfRange(position, position.next).then(
        (next) => (position.next = next),
        (reason: unknown) => this.#events.troubled(reason),
      );
    } else this.#events.troubled(error);
    await sleep(RETRY_MS);
    if (this.#stopped) return;
    await this.#cluster.refreshMetadata().catch((reason: unknown) => this.#events.troubled(reason));
    this.#findLeaders();
  }

  #byLeader(): Map<number, Position[]> {
    const leaders = new Map<number, Position[]>();
    for (const position of this.#positions.values()) {
      const known = leaders.get(position.leader);
      if (known === undefined) leaders.set(position.leader, [position]);
      else known.push(position);
    }
    return leaders;
  }

  /** A partition whose leader is not known is asked of a broker that is not there, and so again with new metadata. */
  #findLeaders(): void {
    for (const position of this.#positions.values()) position.leader = this.#leaderOf(position);
  }

  #leaderOf({ topic, partition }: TopicPartition): number {
    try {
      const known = this.#cluster.findTopicPartitionMetadata(topic);
      return known.find(({ partitionId }) => partitionId === partition)?.leader ?? NOBODY;
    } catch {
      // Metadata is being loaded.
      return NOBODY;
    }
  }
}

const NOBODY = -1;

const isOutOfRange = (error: unknown): error is Error & TopicPartition =>
  errorType(error) === 'OFFSET_OUT_OF_RANGE' && error instanceof Error && 'topic' in error;
