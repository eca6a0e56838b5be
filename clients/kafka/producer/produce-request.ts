/**
 * The request that stores a batch (Kafka protocol, Produce, version 7; Kafka 2.1), and its answer:
 *
 *     null transactional id   int16 acks = -1: all in-sync replicas   int32 timeout in ms
 *     1 topic: string name    1 partition: int32 number, int32 length of the batch, batch
 *
 *     1 topic: string name    1 partition: int32 number, int16 error code, ...     int32 throttle time in ms
 *
 * @module
 */
import { Encoder, type Exchange } from './kafkajs-parts.js';

/** The exchange with the leader of a partition. */
export function produceExchange(
  topic: string,
  partition: number,
  batch: Buffer,
  timeoutMs: number,
): Exchange<ProduceAnswer> {
  const encode = async (): Promise<Encoder> =>
    new Encoder(batch.length + topic.length + HEAD_BYTES)
      .writeString(null)
      .writeInt16(ALL_REPLICAS)
      .writeInt32(timeoutMs)
      .writeInt32(1)
      .writeString(topic)
      .writeInt32(1)
      .writeInt32(partition)
      .writeInt32(batch.length)
      .writeBuffer(batch);
  return {
    request: { apiKey: 0, apiVersion: 7, apiName: 'Produce', encode },
    response: { decode, parse: (answer) => Promise.resolve(answer) },
  };
}

export interface ProduceAnswer {
  /** 0: stored. */
  readonly errorCode: number;
  /** Under this name kafkajs looks for it, and holds its next requests back for so long (KIP-219). */
  readonly clientSideThrottleTime: number;
}

const ALL_REPLICAS = -1;
const HEAD_BYTES = 64;

async function decode(answer: Buffer): Promise<ProduceAnswer> {
  const name = answer.readInt16BE(4);
  const errorCode = answer.readInt16BE(4 + 2 + name + 4 + 4);
  return { errorCode, clientSideThrottleTime: answer.readInt32BE(answer.length - 4) };
}
