/**
 * What a fetch brought, as a reader of committed transactions sees it: without control records, records of aborted
 * transactions, and records before the offset that was asked for (a batch comes whole).
 *
 * @module
 */
import type { Headers, RawFetched, RawMessage } from './kafkajs-parts.js';

export interface KafkaRecord {
  readonly offset: number;
  /** Milliseconds since 1970: of the producer, or of the broker if the topic says so. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Headers;
}

/** @param from the offset that was asked for */
export function committedRecords(
  { messages, abortedTransactions = [] }: RawFetched,
  from: number,
): KafkaRecord[] {
  const records: KafkaRecord[] = [];
  const aborts = [...abortedTransactions].sort((a, b) => +a.firstOffset - +b.firstOffset);
  /** Producers whose transaction at hand is aborted. */
  const aborted = new Set<string>();
  for (const message of messages) {
    const offset = Number(message.offset);
    while (aborts.length > 0 && offset >= Number(aborts[0]!.firstOffset))
      aborted.add(aborts.shift()!.producerId);
    const { batchContext, isControlRecord } = message;
    if (isControlRecord) {
      if (isAbortMarker(message)) aborted.delete(batchContext!.producerId);
    } else if (
      offset >= from &&
      !(batchContext?.inTransaction && aborted.has(batchContext.producerId))
    )
      records.push(recordOf(message, offset));
  }
  return records;
}

/** The offset to ask for next; the end of a batch may lie behind its last record, when that was compacted away. */
export function nextOffset(messages: readonly RawMessage[], from: number): number {
  const last = messages.at(-1);
  if (last === undefined) return from;
  const { batchContext, offset } = last;
  const end = batchContext
    ? Number(batchContext.firstOffset) + batchContext.lastOffsetDelta
    : Number(offset);
  return Math.max(from, end + 1);
}

const recordOf = (
  { timestamp, key, value, headers = NONE }: RawMessage,
  offset: number,
): KafkaRecord => ({ offset, timestampMs: Number(timestamp), key, value, headers });

/** Control records: key is version and type, both int16; type 0 aborts. */
const isAbortMarker = ({ key }: RawMessage): boolean => key?.readInt16BE(2) === 0;

const NONE: Headers = {};
