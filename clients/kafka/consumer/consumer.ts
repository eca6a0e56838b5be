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
import { kafkaOf } from '../connection.js';
import type { Fetched } from './fetcher.js';
import { Generation, type Surroundings } from './generation.js';
import { ABOUT_US, Membership } from './membership.js';
import type { Offsets } from './offsets.js';
import { clusterOf, errorType } from './kafkajs-parts.js';
import { REBALANCE_TIMEOUT_MS, type ConsumerEvents, type ConsumerOptions } from './port.js';
import { Subscription, type Subscribed } from './subscription.js';
import { Trouble } from './trouble.js';

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
  #generation: Generation | null = null;

  /** Joins the group; waits for brokers for ever. @throws Error when the brokers are no list of `host:port` */
  constructor(options: ConsumerOptions, events: ConsumerEvents) {
    this.#options = options;
    this.#events = events;
    const { connection, group, sessionTimeoutMs, topics } = options;
    const kafka = kafkaOf(connection, () => {}, RETRY);
    this.#cluster = clusterOf(kafka, group);
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
    return this.#generation?.poll();
  }

  /** All before these offsets is done; by partition name. Of partitions that were assigned, until `revoked` has resolved. */
  commit(offsets: Offsets): void {
    this.#generation?.commit(offsets);
  }

  /** The offsets that the next messages of its partitions will get, or less while a transaction is open; by partition name. */
  async endOffsets(): Promise<Offsets> {
    return this.#generation?.endOffsets() ?? new Map();
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
        await this.#join();
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

  /** Joins the group, and stays as long as it is as it is. */
  async #join(): Promise<void> {
    const subscribed = await this.#subscription.read();
    const share = await this.#membership.join(subscribed.topics);
    this.#trouble.over();
    this.#events.joined(this.#membership.memberId);
    const generation = new Generation(this.#surroundings(), share);
    this.#generation = generation;
    const over = new AbortController();
    try {
      await generation.begin();
      const changed = this.#changed(subscribed, share.leads, over.signal);
      await Promise.race([generation.stirred, this.#stopped, changed]);
    } finally {
      over.abort();
      await generation.end();
      this.#generation = null;
    }
  }

  #surroundings(): Surroundings {
    return {
      cluster: this.#cluster,
      membership: this.#membership,
      options: this.#options,
      events: this.#events,
      answered: (what) => this.#trouble.ends(what),
      troubled: (what, error) => this.#troubled(what, error),
      fail: (message) => this.#fail(message),
    };
  }

  /**
   * Resolves when the group has to share out anew: there are other topics than this member has subscribed, which all look
   * for, as one may have found a topic that another had not yet; or other partitions, which the leader looks for.
   */
  async #changed(before: Subscribed, leads: boolean, over: AbortSignal): Promise<void> {
    const what = ({ topics, shape }: Subscribed): string => (leads ? shape : topics.join());
    for (let now = before; what(now) === what(before) && !over.aborted;) {
      await pause(this.#options.metadataMaxAgeMs, over);
      if (over.aborted) return;
      try {
        now = await this.#subscription.read();
        this.#trouble.ends('metadata');
      } catch (error) {
        this.#troubled('metadata', error);
      }
    }
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

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => {});

/** Resolves when it is done, or has failed, or the time is over. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work.catch(() => {}), sleep(ms, undefined, { ref: false })]);
}

export { partitionName, partitionNamed, type TopicPartition } from './kafkajs-parts.js';
export {
  REBALANCE_TIMEOUT_MS,
  type ConsumerEvents,
  type ConsumerOptions,
  type OutOfRange,
} from './port.js';
export type { Fetched } from './fetcher.js';
export type { KafkaRecord } from './records.js';
export type { Offsets, StartAt } from './offsets.js';
