/**
 * The brokers of a cluster: connections to them, and the three requests that a producer makes.
 *
 * kafkajs' connections, but not its cluster: that fails all topics when one is missing, and its producer answers per broker,
 * not per partition, and breaks after 2^31 records (its sequence numbers do not wrap as Kafka's do).
 *
 * @module
 */
import { LEADER_NOT_AVAILABLE } from './answers.js';
import { kafkaOf, type KafkaConnection } from '../connection.js';
import { Broker, ConnectionPool, metadata, socketFactory, type Metadata } from './kafkajs-parts.js';
import { produceExchange } from './produce-request.js';
import type { ProducerIdentity } from './record-batch.js';

const CONNECTION_TIMEOUT_MS = 5000;
const REQUEST_TIMEOUT_MS = 30_000;
/** A broker says so itself before the request times out. */
const STORE_TIMEOUT_MS = 20_000;
/** The oldest that tells a topic's error with `allow_auto_topic_creation`; Kafka 2.0. */
const METADATA_VERSION = 6;

interface Link {
  readonly broker: Broker;
  readonly pool: ConnectionPool;
}

export class Brokers {
  readonly #connection: KafkaConnection;
  readonly #logger: ReturnType<ReturnType<typeof kafkaOf>['logger']>;
  readonly #links = new Map<string, Promise<Link>>();
  /** `host:port` by node id. */
  #nodes = new Map<number, string>();
  #next = 0;

  /** @throws Error when the brokers are no list of `host:port` */
  constructor(connection: KafkaConnection) {
    this.#connection = connection;
    this.#logger = kafkaOf(connection).logger();
  }

  /** Connects and logs in. @throws Error when no broker answers, or none lets the client in */
  async reach(): Promise<void> {
    await this.#any(() => Promise.resolve());
  }

  /**
   * Asks about topics, each of which may have an error of its own.
   * @param options.make has brokers make those that are missing, if they do so by themselves
   * @throws Error when no broker answers
   */
  async metadata(
    topics: readonly string[],
    { make = false } = {},
  ): Promise<Metadata['topicMetadata']> {
    const ask = metadata.protocol({ version: METADATA_VERSION });
    const { request, response } = ask({ topics, allowAutoTopicCreation: make });
    const parse = (decoded: Metadata): Promise<Metadata> => Promise.resolve(decoded);
    const exchange = { request, response: { decode: response.decode, parse } };
    const { brokers, topicMetadata } = await this.#any(({ pool }) => pool.send(exchange));
    this.#nodes = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, `${host}:${port}`]));
    return topicMetadata;
  }

  /** A new identity for idempotent sends. @throws Error when no broker answers or none may be had */
  async identity(): Promise<ProducerIdentity> {
    const { producerId, producerEpoch } = await this.#any(({ broker }) =>
      broker.initProducerId({ transactionTimeout: REQUEST_TIMEOUT_MS }),
    );
    return { id: BigInt(producerId), epoch: producerEpoch };
  }

  /** Has the leader of a partition store a batch on all in-sync replicas. Returns its error code; 0 is stored. @throws Error when it does not answer */
  async produce(leader: number, topic: string, partition: number, batch: Buffer): Promise<number> {
    const address = this.#nodes.get(leader);
    if (address === undefined) return LEADER_NOT_AVAILABLE;
    const exchange = produceExchange(topic, partition, batch, STORE_TIMEOUT_MS);
    const { errorCode } = await this.#with(address, ({ pool }) => pool.send(exchange));
    return errorCode;
  }

  async close(): Promise<void> {
    const links = [...this.#links.keys()];
    await Promise.all(links.map((address) => this.#drop(address)));
  }

  /** Known nodes first, then those that the user gave; a different one each time. */
  async #any<T>(use: (link: Link) => Promise<T>): Promise<T> {
    const addresses = [...new Set([...this.#nodes.values(), ...this.#connection.brokers])];
    const from = this.#next++ % addresses.length;
    let failure: unknown;
    for (const address of [...addresses.slice(from), ...addresses.slice(0, from)]) {
      try {
        return await this.#with(address, use);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /** A connection that failed is not used again: what else waits on it may be stuck, too. */
  async #with<T>(address: string, use: (link: Link) => Promise<T>): Promise<T> {
    let link = this.#links.get(address);
    if (link === undefined) this.#links.set(address, (link = this.#link(address)));
    try {
      return await use(await link);
    } catch (error) {
      if (this.#links.get(address) === link) await this.#drop(address);
      throw error;
    }
  }

  async #link(address: string): Promise<Link> {
    const colon = address.lastIndexOf(':');
    const { clientId = 'squall', ssl, sasl } = this.#connection;
    const pool = new ConnectionPool({
      host: address.slice(0, colon),
      port: Number(address.slice(colon + 1)),
      clientId,
      ...(ssl !== undefined && ssl !== false && { ssl }),
      ...(sasl !== undefined && { sasl }),
      socketFactory: socketFactory(),
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      logger: this.#logger,
    });
    const broker = new Broker({ connectionPool: pool, logger: this.#logger });
    await broker.connect();
    return { broker, pool };
  }

  async #drop(address: string): Promise<void> {
    const link = this.#links.get(address);
    this.#links.delete(address);
    const made = await link?.catch(() => undefined);
    // It waits for answers that may never come.
    void made?.broker.disconnect().catch(() => {});
  }
}
