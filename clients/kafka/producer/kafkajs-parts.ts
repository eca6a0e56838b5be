/**
 * The parts of kafkajs 2.2.4 below its producer, which it does not export: a connection with TLS, SASL, timeouts and answers
 * matched to requests. That is the last version there will be, so they stay as they are.
 *
 * @module
 */
import { createRequire } from 'node:module';
import type { ISocketFactory, KafkaConfig, Logger } from 'kafkajs';

const require = createRequire(import.meta.url);

export interface Broker {
  /** Connects and logs in. */
  connect(): Promise<void>;
  /** Resolves when no answer is waited for any more. */
  disconnect(): Promise<void>;
  initProducerId(request: {
    transactionTimeout: number;
  }): Promise<{ producerId: string; producerEpoch: number }>;
}
export const Broker: new (options: {
  connectionPool: ConnectionPool;
  logger: Logger;
}) => Broker = require('kafkajs/src/broker/index.js');

export interface ConnectionPool {
  send<T>(exchange: Exchange<T>): Promise<T>;
}
export const ConnectionPool: new (
  options: Pick<KafkaConfig, 'ssl' | 'sasl'> & {
    host: string;
    port: number;
    clientId: string;
    socketFactory: ISocketFactory;
    connectionTimeout: number;
    requestTimeout: number;
    logger: Logger;
  },
) => ConnectionPool = require('kafkajs/src/network/connectionPool.js');

/** A request, and how its answer is read. */
export interface Exchange<T> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    encode(): Promise<Encoder>;
  };
  readonly response: {
    decode(answer: Buffer): Promise<T>;
    /** What `send` resolves with; kafkajs' own throw when the answer is an error. */
    parse(decoded: T): Promise<T>;
  };
}

export const socketFactory: () => ISocketFactory = require('kafkajs/src/network/socketFactory.js');

export interface Encoder {
  writeInt16(value: number): this;
  writeInt32(value: number): this;
  writeString(value: string | null): this;
  writeBuffer(value: Buffer): this;
}
export const Encoder: new (
  initialSize: number,
) => Encoder = require('kafkajs/src/protocol/encoder.js');

export interface Metadata {
  readonly brokers: readonly {
    readonly nodeId: number;
    readonly host: string;
    readonly port: number;
  }[];
  readonly topicMetadata: readonly {
    readonly topicErrorCode: number;
    readonly topic: string;
    readonly partitionMetadata: readonly {
      readonly partitionId: number;
      readonly leader: number;
    }[];
  }[];
}
export const metadata: {
  protocol(choice: {
    version: number;
  }): (options: {
    topics: readonly string[];
    allowAutoTopicCreation: boolean;
  }) => Exchange<Metadata>;
} = require('kafkajs/src/protocol/requests/metadata/index.js');
