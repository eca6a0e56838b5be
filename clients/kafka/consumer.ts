/**
 * A consumer of a group, as the rest of the house knows it: partitions come and go, and only what was handed back as done is
 * committed, before a partition goes.
 *
 *     joins → assigned → polls and commits → the group rebalances → revoked → commits → joins again
 *
 * Rebalancing is eager: all partitions go, then the new share comes. Heartbeats go on from the moment of joining until the
 * last commit, whatever the others do, so a slow reader keeps its partitions. Nothing of kafkajs' commits, resolved
 * offsets or retries is used.
 *
 * @module
 */
import type { Cluster } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { kafkaOf, type KafkaConnection } from './connection.js';
import { Commits } from './consumer-commits.js';
import { Fetcher, type Fetched } from './consumer-fetcher.js';
import { Heart } from './consumer-heart.js';
import { ABOUT_US, Membership, type Share } from './consumer-membership.js';
import { edgeOffsets, startOffsets, type Offsets, type StartAt } from './consumer-offsets.js';
import { clusterOf, errorType, partitionName, type TopicPartition } from './consumer-parts.js';
import { Subscription } from './consumer-subscription.js';
import { Trouble } from './consumer-trouble.js';

export { partitionName, partitionNamed, type TopicPartition } from './consumer-parts.js';
export type { Fetched } from './consumer-fetcher.js';
export type { KafkaRecord } from './consumer-records.js';
export type { Offsets, StartAt } from './consumer-offsets.js';

/** Where to go on when the broker no longer has, or never had, the offset that is next. */
export type OutOfRange = 'earliest' | 'latest' | 'fail';

export interface ConsumerOptions {
  readonly connection: KafkaConnection;
  readonly group: string;
  /** Names, or what names must match. */
  readonly topics: readonly string[] | RegExp;
  readonly from: StartAt;
  readonly outOfRange: OutOfRange;
  /** Kafka's `session.timeout.ms`: without a heartbeat for so long, others get its partitions. */
  readonly sessionTimeoutMs: number;
  /** Kafka's `metadata.max.age.ms`: new topics and partitions are found within this time. */
  readonly metadataMaxAgeMs: number;
  /** The member that this one takes over from, as its process has died: the group need not wait for its session to time out. */
  readonly lastMember?: string;
}

export interface ConsumerEvents {
  /** The member's id in the group. */
  joined(member: string): void;
  /** These partitions are this member's, each beginning at its offset; by partition name. */
  assigned(partitions: Offsets): void;
  /**
   * The same partitions are about to be another's. Resolves when all that can be committed was handed to `commit`, in less
   * than `REBALANCE_TIMEOUT_MS`.
   * @param lost they are another's already, and nothing can be committed any more
   */
  revoked(partitions: readonly string[], lost: boolean): Promise<void>;
  /** There is something to poll. */
  ready(): void;
  /** For the operator. */
  notice(message: string): void;
  /** So many messages were never read: the broker no longer had them, or the policy is to go on at the end. */
  skipped(partition: TopicPartition, messages: number): void;
  /** It cannot go on: it is not allowed to, or was told to fail. */
  failed(error: Error): void;
}

/** The group waits so long for a member that lets what is in flight finish. */
export const REBALANCE_TIMEOUT_MS = 60_000;
const RETRY_MS = 500;
const CLOSE_TIMEOUT_MS = 5000;
/** A client that gives up within about a second, so that the operator learns what is waited for; then it is asked again. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 500, retries: 2 };
/** The member that was to leave is not there any more. */
const GONE = new Set(['UNKNOWN_MEMBER_ID', 'GROUP_ID_NOT_FOUND']);
/** No later try helps. */
const FATAL = new Set([
  'CLUSTER_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'GROUP_MAX_SIZE_REACHED',
  'INCONSISTENT_GROUP_PROTOCOL',
  'INVALID_GROUP_ID',
  'INVALID_SESSION_TIMEOUT',
  'INVALID_TOPIC_EXCEPTION',
  'KafkaJSSASLAuthenticationError',
  'SASL_AUTHENTICATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
]);

export class Consumer {
  readonly #options: ConsumerOptions;
  readonly #events: ConsumerEvents;
  readonly #cluster: Cluster;
  readonly #membership: Membership;
  readonly #subscription: Subscription;
  readonly #trouble: Trouble;
  readonly #stopping = new AbortController();
  readonly #stopped: Promise<void>;
  #stop: () => void = () => {};
  readonly #running: Promise<void>;
  /** Of the generation at hand. */
  #commits: Commits | null = null;
  #fetcher: Fetcher | null = null;
  #partitions: readonly TopicPartition[] = [];

  /** Joins the group; waits for brokers for ever. @throws Error when the brokers are no list of `host:port` */
  constructor(options: ConsumerOptions, events: ConsumerEvents) {
    this.#options = options;
    this.#events = events;
    const { connection, group, sessionTimeoutMs, topics } = options;
    this.#cluster = clusterOf(
      kafkaOf(connection, () => {}, RETRY),
      group,
    );
    this.#membership = new Membership(this.#cluster, {
      group,
      sessionTimeoutMs,
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
    });
    this.#subscription = new Subscription(this.#cluster, topics);
    this.#trouble = new Trouble((message) => events.notice(message));
    this.#stopped = new Promise((resolve) => {
      this.#stop = () => {
        this.#stopping.abort();
        resolve();
      };
    });
    this.#running = this.#run();
  }

  /** The next records of some partition, if any wait. That they are taken has more fetched. */
  poll(): Fetched | undefined {
    return this.#fetcher?.poll();
  }

  /** All before these offsets is done; by partition name. Of partitions that were assigned, until `revoked` has resolved. */
  commit(offsets: Offsets): void {
    this.#commits?.add(offsets);
    this.#send();
  }

  /** The offsets that the next messages of its partitions will get, or less while a transaction is open; by partition name. */
  async endOffsets(): Promise<Offsets> {
    if (this.#partitions.length === 0) return new Map();
    return edgeOffsets(this.#cluster, this.#partitions, 'latest');
  }

  /** Gives its partitions back, commits, leaves the group. Takes some seconds at most, also when no broker answers. */
  async close(): Promise<void> {
    this.#stop();
    await within(CLOSE_TIMEOUT_MS, this.#running);
    if (this.#membership.memberId !== '') await within(CLOSE_TIMEOUT_MS, this.#membership.leave());
    await within(CLOSE_TIMEOUT_MS, this.#cluster.disconnect());
  }

  async #run(): Promise<void> {
    let { lastMember = '' } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#cluster.connect();
        if (lastMember !== '') await this.#takeOver(lastMember);
        lastMember = '';
        await this.#generation();
      } catch (error) {
        if (errorType(error) === 'UNKNOWN_MEMBER_ID') this.#membership.forget();
        this.#troubled('join', error);
        await pause(RETRY_MS, this.#stopping.signal);
      }
    }
  }

  async #takeOver(member: string): Promise<void> {
    await this.#membership.leave(member).catch((error: unknown) => {
      if (!GONE.has(errorType(error))) throw error;
    });
  }

  /** From joining until all is given back. */
  async #generation(): Promise<void> {
    const { topics, shape } = await this.#subscription.read();
    const share = await this.#membership.join(topics);
    this.#trouble.ends('join');
    this.#events.joined(this.#membership.memberId);
    const heart = this.#heart(share);
    const over = new AbortController();
    try {
      await this.#begin(share);
      const changed = share.leads ? [this.#changed(shape, over.signal)] : [];
      await Promise.race([heart.stirred, this.#stopped, ...changed]);
    } finally {
      over.abort();
      await this.#end(heart);
      await heart.stop();
    }
  }

  #heart({ identity }: Share): Heart {
    return new Heart(this.#membership, identity, this.#options.sessionTimeoutMs, {
      beat: () => {
        this.#trouble.ends('heartbeat');
        // What could not be committed.
        this.#send();
      },
      troubled: (error) => this.#troubled('heartbeat', error),
    });
  }

  async #begin({ identity, partitions }: Share): Promise<void> {
    const committed = await this.#membership.committed(partitions);
    const fresh = partitions.filter((each) => !committed.has(partitionName(each)));
    const begun = await startOffsets(this.#cluster, fresh, this.#options.from);
    this.#commits = new Commits(this.#membership, identity);
    // Noted at once: found anew by the next owner, the end would be another one, and what came between would be lost.
    this.commit(begun);
    const from = new Map([...committed, ...begun]);
    this.#partitions = partitions;
    this.#fetcher = new Fetcher(this.#cluster, from, partitions, {
      ready: () => this.#events.ready(),
      answered: () => this.#trouble.ends('fetch'),
      troubled: (error) => this.#troubled('fetch', error),
      outOfRange: (partition, offset) => this.#outOfRange(partition, offset),
    });
    this.#events.assigned(from);
  }

  async #end(heart: Heart): Promise<void> {
    const commits = this.#commits;
    if (commits === null || this.#fetcher === null) return;
    this.#fetcher.stop();
    this.#fetcher = null;
    const names = this.#partitions.map(partitionName);
    this.#partitions = [];
    await this.#events.revoked(names, heart.lost);
    this.#commits = null;
    if (!heart.lost && !(await commits.last())) this.#events.notice(DONE_TWICE);
  }

  /** Resolves when there are other topics or partitions than the group shares out: then its leader has it share them anew. */
  async #changed(shape: string, over: AbortSignal): Promise<void> {
    for (let now = shape; now === shape && !over.aborted;) {
      await pause(this.#options.metadataMaxAgeMs, over);
      if (over.aborted) return;
      try {
        ({ shape: now } = await this.#subscription.read());
        this.#trouble.ends('metadata');
      } catch (error) {
        this.#troubled('metadata', error);
      }
    }
  }

  /** Has all of the partition that is in flight settled, and says where to go on, and how much is lost by that. */
  async #outOfRange(partition: TopicPartition, offset: number): Promise<number> {
    const name = partitionName(partition);
    const { outOfRange } = this.#options;
    const fetcher = this.#fetcher;
    const first = (await edgeOffsets(this.#cluster, [partition], 'earliest')).get(name)!;
    const end = (await edgeOffsets(this.#cluster, [partition], 'latest')).get(name)!;
    const range = `the next offset of ${name}, ${offset}, is out of range: the broker has ${first} to ${end}`;
    if (outOfRange === 'fail') {
      this.#fail(`${range}. ${HOW_TO_GO_ON}`);
      return offset;
    }
    const next = outOfRange === 'earliest' ? first : end;
    await this.#events.revoked([name], false);
    if (fetcher !== this.#fetcher) return next;
    this.commit(new Map([[name, next]]));
    this.#events.assigned(new Map([[name, next]]));
    const skipped = Math.max(0, next - offset);
    this.#events.skipped(partition, skipped);
    this.#events.notice(`Kafka: ${range}. Goes on at ${next}: ${skipped} messages were skipped.`);
    return next;
  }

  #send(): void {
    this.#commits?.send().then(
      () => this.#trouble.ends('commit'),
      (error: unknown) => this.#troubled('commit', error),
    );
  }

  /** What the group says of its members is no trouble: the heart has heard it, too, and it ends in joining again. */
  #troubled(what: string, error: unknown): void {
    const type = errorType(error);
    if (ABOUT_US.has(type)) return;
    if (FATAL.has(type))
      this.#fail(`the group "${this.#options.group}" cannot be joined: ${textOf(error)}`);
    else this.#trouble.begins(what, error);
  }

  #fail(message: string): void {
    this.#stop();
    this.#events.failed(new Error(`Kafka: ${message}`));
  }
}

const DONE_TWICE =
  'Kafka: not all that is done could be committed before the partitions were given back: some of it is done twice.';
const HOW_TO_GO_ON =
  "What lay between is gone. Set outOfRange to 'earliest' or 'latest' to go on without it, or reset the group's offset.";

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => {});

/** Resolves when it is done, or has failed, or the time is over. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work.catch(() => {}), sleep(ms, undefined, { ref: false })]);
}
