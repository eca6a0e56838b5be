/**
 * Sends records to Kafka: idempotent, acknowledged by all in-sync replicas, and each record answered for by itself.
 *
 * A topic has a queue, each of its partitions one, too; batches are sent when they are full, or 20 ms after their first record.
 * Whatever may pass (a leader that moves, brokers that are gone) is waited for without end; what cannot is refused.
 *
 * @module
 */
import { reasonOf, RECORD_TOO_LARGE, UNKNOWN_TOPIC, verdictOf } from './answers.js';
import { answered } from '../answered.js';
import { Brokers } from './brokers.js';
import { codecOf, type Compression } from '../codecs/codecs.js';
import type { KafkaConnection } from '../connection.js';
import { Shipping, type ProducerEvents } from './shipping.js';
import { MISSING_MS, TopicQueue } from './topic-queue.js';

export interface ProducerOptions {
  readonly connection: KafkaConnection;
  readonly compression: Compression;
  readonly events: ProducerEvents;
}

/** Of records that wait; beyond it the caller must wait. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;
/** A request may have 100 MiB unless brokers are told otherwise; a larger one breaks the connection. */
const RECORD_BYTES_MAX = 64 * 1024 * 1024;
const ASK_PERIOD_MS = 100;
const TOPICS_PER_REQUEST = 1000;
const SWEEP_PERIOD_MS = 5000;
/** As the Java client's `metadata.max.age.ms`: partitions that were added are used from then on. */
const METADATA_AGE_MS = 300_000;

export class KafkaProducer {
  readonly #shipping: Shipping;
  readonly #topics = new Map<string, TopicQueue>();
  /** Topics that brokers are asked about. */
  readonly #asked = new Set<TopicQueue>();
  #asking = false;
  readonly #sweep: NodeJS.Timeout;
  #refreshedMs = Date.now();

  private constructor(shipping: Shipping) {
    this.#shipping = shipping;
    this.#sweep = setInterval(() => this.#tidy(), SWEEP_PERIOD_MS).unref();
  }

  /** Waits for a broker, without an end. @throws Error when the client is not let in; it says what to do */
  static async open({ connection, compression, events }: ProducerOptions): Promise<KafkaProducer> {
    const codec = codecOf(compression);
    const brokers = new Brokers(connection);
    const shipping = new Shipping(brokers, codec, events);
    for (let tries = 1; ; tries++) {
      try {
        await shipping.identity(null);
        shipping.done(shipping);
        return new KafkaProducer(shipping);
      } catch (error) {
        if (isForGood(error)) throw unusable(brokers, connection, error);
        await shipping.again(shipping, tries, messageOf(error));
      }
    }
  }

  /**
   * @param topic that is to be there: brokers that make topics by themselves (auto.create.topics.enable) make it now. By default any
   * @throws Error when no broker answers within 10 s, the client is not let in, or there is no such topic; it says what to do
   */
  static async check(connection: KafkaConnection, topic: string | null = null): Promise<void> {
    const brokers = new Brokers(connection);
    let refusal: string | null;
    try {
      await answered(brokers.reach());
      refusal = topic === null ? null : await answered(refusalOf(brokers, topic));
    } catch (error) {
      throw unusable(brokers, connection, error);
    }
    await brokers.close();
    if (refusal !== null)
      throw new Error(
        `The topic "${topic}" cannot be written: ${refusal}. Create it, or correct its name or the rights of this client.`,
      );
  }

  /** Whether as much waits as may: who sends more must wait until some of it is stored. */
  get full(): boolean {
    return this.#shipping.bytes > WAITING_BYTES_MAX;
  }

  /** Copies a record. Resolves when all in-sync replicas have it. Rejects with what `refused` makes when it never can be stored */
  send(topic: string, key: Uint8Array | null, value: Uint8Array | null): Promise<void> {
    if ((value?.length ?? 0) + (key?.length ?? 0) > RECORD_BYTES_MAX)
      return Promise.reject(this.#shipping.events.refused(reasonOf(RECORD_TOO_LARGE)));
    let queue = this.#topics.get(topic);
    if (queue === undefined) {
      queue = new TopicQueue(topic, this.#shipping, (asking) => this.#ask(asking));
      this.#topics.set(topic, queue);
    }
    return queue.send(key, value);
  }

  /** Gives up what waits. */
  async close(): Promise<void> {
    clearInterval(this.#sweep);
    this.#shipping.closed = true;
    for (const topic of this.#topics.values()) topic.close();
    await this.#shipping.brokers.close();
  }

  #ask(topic: TopicQueue): void {
    this.#asked.add(topic);
    if (!this.#asking) void this.#askAll();
  }

  async #askAll(): Promise<void> {
    this.#asking = true;
    for (let tries = 0; this.#asked.size > 0 && !this.#shipping.closed;) {
      const failure = await this.#askOnce([...this.#asked].slice(0, TOPICS_PER_REQUEST));
      if (failure !== null) {
        await this.#shipping.again(this, ++tries, failure);
        continue;
      }
      tries = 0;
      this.#shipping.done(this);
      if (this.#asked.size > 0) await sleep(ASK_PERIOD_MS);
    }
    this.#asking = false;
  }

  /** Returns why no broker answered. */
  async #askOnce(topics: readonly TopicQueue[]): Promise<string | null> {
    try {
      const answers = await this.#shipping.brokers.metadata(topics.map(({ topic }) => topic));
      for (const answer of answers) {
        const topic = this.#topics.get(answer.topic);
        if (topic?.learnt(answer) === true) this.#asked.delete(topic);
      }
      return null;
    } catch (error) {
      return messageOf(error);
    }
  }

  #tidy(): void {
    for (const [name, topic] of this.#topics) if (topic.idle) this.#topics.delete(name);
    if (Date.now() - this.#refreshedMs < METADATA_AGE_MS) return;
    this.#refreshedMs = Date.now();
    for (const topic of this.#topics.values()) topic.refresh();
  }
}

/** Why a topic takes no records; null if it does, or may in a while. */
async function refusalOf(brokers: Brokers, topic: string): Promise<string | null> {
  for (const beganMs = Date.now(); ; await sleep(ASK_PERIOD_MS)) {
    const [answer] = await brokers.metadata([topic], { make: true });
    const code = answer?.topicErrorCode ?? UNKNOWN_TOPIC;
    if (verdictOf(code) === 'topic') return reasonOf(code);
    if (code !== UNKNOWN_TOPIC) return null;
    if (Date.now() - beganMs > MISSING_MS) return reasonOf(code);
  }
}

const sleep = (ms: number): Promise<void> => new Promise((done) => void setTimeout(done, ms));

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** What waiting does not mend. */
const isForGood = (error: unknown): boolean =>
  error instanceof Error &&
  /SASL|Authorization|certificate|not support/i.test(`${error.name} ${error.message}`);

function unusable(brokers: Brokers, { brokers: given }: KafkaConnection, error: unknown): Error {
  // It waits for answers that may never come.
  void brokers.close();
  return new Error(
    `None of the brokers ${given.join(', ')} can be used: ${messageOf(error)}. Start Kafka there, or correct brokers, ssl and sasl.`,
    { cause: error },
  );
}
