/**
 * How brokers are reached: what users say of a cluster, as kafkajs takes it. Only this folder knows kafkajs.
 *
 * @module
 */
import type { ConnectionOptions } from 'node:tls';
import { Kafka, logLevel, type SASLOptions } from 'kafkajs';
import { registerCodecs } from './codecs/codecs.js';
import { socketFactory } from './sockets.js';

/** A cluster, and how to log in. */
export interface KafkaConnection {
  /** `host:port` of some brokers; the others are learnt from them. */
  readonly brokers: readonly string[];
  /** How brokers call this client in their logs and quotas; by default `squall`. */
  readonly clientId?: string;
  /** TLS: true, or what `tls.connect` takes. */
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: Sasl;
}

/** How the client proves who it is: `{ mechanism: 'plain', username, password }`, scram-sha-256, scram-sha-512, oauthbearer, aws. */
export type Sasl = SASLOptions;

/**
 * A wait of at most 1 s, and more tries than an outage of half a minute takes: measured, a client goes on
 * 0.3 to 1 s after its broker, and no call is rejected. `kafka.consumer` overrides it unless it is given again there.
 */
export const RETRY = { initialRetryTime: 100, maxRetryTime: 1000, retries: 30 };

/**
 * A kafkajs client that knows all codecs and never prints.
 *
 * @param tell takes its warnings and errors: of connections and brokers, never of rows
 * @throws Error when the brokers are no list of `host:port`
 */
export function kafkaOf(
  { brokers, clientId = 'squall', ssl, sasl }: KafkaConnection,
  tell: (message: string) => void = () => {},
  retry: typeof RETRY = RETRY,
): Kafka {
  checkBrokers(brokers);
  registerCodecs();
  return new Kafka({
    brokers: [...brokers],
    clientId,
    retry,
    socketFactory,
    ...(ssl !== undefined && { ssl }),
    ...(sasl !== undefined && { sasl }),
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ log }) =>
        tell(log.message),
  });
}

/** @throws Error that says what is wrong with the list */
export function checkBrokers(brokers: readonly string[]): void {
  const wrong = brokers.find((broker) => !/^[^\s:,/]+:\d{1,5}$/.test(broker));
  if (brokers.length === 0 || wrong !== undefined)
    throw new Error(
      `brokers must be a list of host:port${wrong === undefined ? '' : `, but has "${wrong}"`}. Write e.g. brokers: ['localhost:9092'].`,
    );
}
