/**
 * The parts of kafkajs 2.2.4 below its producer, which it does not type: a connection with TLS, SASL, timeouts and answers
 * matched to requests. It is the last version there will be, so they stay as they are.
 */
declare module 'kafkajs/src/broker/index.js' {
  import type ConnectionPool from 'kafkajs/src/network/connectionPool.js';
  import type { Logger } from 'kafkajs';

  export default class Broker {
    constructor(options: { connectionPool: ConnectionPool; logger: Logger });
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    initProducerId(request: {
      transactionTimeout: number;
    }): Promise<{ producerId: string; producerEpoch: number }>;
  }
}

declare module 'kafkajs/src/network/connectionPool.js' {
  import type { ISocketFactory, KafkaConfig, Logger } from 'kafkajs';
  import type Encoder from 'kafkajs/src/protocol/encoder.js';

  export interface Request {
    apiKey: number;
    apiVersion: number;
    apiName: string;
    encode(): Promise<Encoder>;
  }

  export interface Response<T> {
    decode(answer: Buffer): Promise<T>;
    /** Throws when the answer is an error. */
    parse(decoded: T): Promise<T>;
  }

  export default class ConnectionPool {
    constructor(
      options: Pick<KafkaConfig, 'ssl' | 'sasl'> & {
        host: string;
        port: number;
        clientId: string;
        socketFactory: ISocketFactory;
        connectionTimeout: number;
        requestTimeout: number;
        logger: Logger;
      },
    );
    send<T>(exchange: { request: Request; response: Response<T> }): Promise<T>;
  }
}

declare module 'kafkajs/src/network/socketFactory.js' {
  import type { ISocketFactory } from 'kafkajs';

  export default function socketFactory(): ISocketFactory;
}

declare module 'kafkajs/src/protocol/encoder.js' {
  export default class Encoder {
    constructor(initialSize?: number);
    writeInt16(value: number): this;
    writeInt32(value: number): this;
    writeString(value: string | null): this;
    writeBuffer(value: Buffer): this;
  }
}

declare module 'kafkajs/src/protocol/requests/metadata/index.js' {
  import type { Request, Response } from 'kafkajs/src/network/connectionPool.js';

  export interface Metadata {
    brokers: { nodeId: number; host: string; port: number }[];
    topicMetadata: {
      topicErrorCode: number;
      topic: string;
      partitionMetadata: { partitionId: number; leader: number }[];
    }[];
  }

  const metadata: {
    protocol(choice: { version: number }): (options: {
      topics: readonly string[];
      allowAutoTopicCreation: boolean;
    }) => {
      request: Request;
      response: Response<Metadata>;
    };
  };
  export default metadata;
}
