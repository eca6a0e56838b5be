/**
 * Messages of one partition in one piece of memory: rows are views over it, and what the client decoded can go.
 *
 *     topic (key value headers)*        spans of a message point to these; start -1 is null
 *
 * @module
 */
import {
  partitionName,
  type Fetched,
  type TopicPartition,
} from '../../clients/kafka/consumer/consumer.js';
import type { Batch } from '../../topology/dsl/spout.js';
import { CUT, OVER } from '../../topology/rows/cutting.js';
import type { Emit } from '../../topology/rows/row.js';
import { headersText } from './headers.js';
import type { KafkaMessage } from './message.js';

interface Message {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Uint8Array;
}

/** Places in the spans of a message: start and end of each. */
const KEY = 0;
const VALUE = 2;
const HEADERS = 4;
const PLACES = 6;
/** 4-byte copies of rows may read over the end by three bytes. */
const SLACK = 8;

export class MessageBatch implements Batch<KafkaMessage> {
  readonly partition: string;
  readonly count: number;
  /** What the spans point into. */
  readonly bytes: Buffer;
  readonly #from: TopicPartition;
  readonly #nextOffset: number;
  readonly #topicEnd: number;
  readonly #spans: Int32Array;
  readonly #offsets: Float64Array;
  readonly #timesMs: Float64Array;

  /** @param nextOffset the position after the last message, behind what may follow it and is none, e.g. the end of a transaction */
  constructor(from: TopicPartition, messages: readonly Message[], nextOffset: number) {
    this.partition = partitionName(from);
    this.count = messages.length;
    this.#from = from;
    this.#nextOffset = nextOffset;
    // Names of topics are ASCII.
    const length = messages.reduce((sum, each) => sum + lengthOf(each), from.topic.length);
    this.bytes = Buffer.allocUnsafeSlow(length + SLACK);
    this.#topicEnd = this.bytes.latin1Write(from.topic);
    this.#spans = new Int32Array(PLACES * this.count);
    this.#offsets = Float64Array.from(messages, ({ offset }) => offset);
    this.#timesMs = Float64Array.from(messages, ({ timestampMs }) => timestampMs);
    this.#fill(messages);
  }

  static of(fetched: Fetched): MessageBatch {
    const messages = fetched.records.map((record) => ({
      ...record,
      headers: headersText(record.headers),
    }));
    return new MessageBatch(fetched, messages, fetched.nextOffset);
  }

  positionAfter(i: number): number {
    return i === this.count - 1 ? this.#nextOffset : this.#offsets[i]! + 1;
  }

  emit(i: number, emit: Emit<KafkaMessage>): void {
    const base = emit[OVER](this);
    const { spans, spanAt, numbers, numberAt } = base;
    const own = this.#spans;
    const at = PLACES * i;
    spans[spanAt] = 0;
    spans[spanAt + 1] = this.#topicEnd;
    for (let place = 0; place < PLACES; place++) spans[spanAt + 2 + place] = own[at + place]!;
    numbers[numberAt] = this.#from.partition;
    numbers[numberAt + 1] = this.#offsets[i]!;
    numbers[numberAt + 2] = this.#timesMs[i]!;
    emit[CUT](NONE);
  }

  /** The value; of a message without one, nothing. */
  raw(i: number): Uint8Array {
    return this.#part(i, VALUE) ?? NOTHING;
  }

  origin(i: number): { topic: string; partition: number; offset: number } {
    const { topic, partition } = this.#from;
    return { topic, partition, offset: this.#offsets[i]! };
  }

  extract(i: number): MessageBatch {
    const message = {
      offset: this.#offsets[i]!,
      timestampMs: this.#timesMs[i]!,
      key: this.#part(i, KEY),
      value: this.#part(i, VALUE),
      headers: this.#part(i, HEADERS)!,
    };
    return new MessageBatch(this.#from, [message], this.positionAfter(i));
  }

  #part(i: number, place: number): Buffer | null {
    const at = PLACES * i + place;
    const start = this.#spans[at]!;
    return start < 0 ? null : this.bytes.subarray(start, this.#spans[at + 1]);
  }

  #fill(messages: readonly Message[]): void {
    let at = 0;
    let end = this.#topicEnd;
    for (const { key, value, headers } of messages) {
      for (const part of [key, value, headers]) {
        this.#spans[at++] = part === null ? -1 : end;
        if (part !== null) this.bytes.set(part, end);
        this.#spans[at++] = end += part?.length ?? 0;
      }
    }
  }
}

const lengthOf = ({ key, value, headers }: Message): number =>
  (key?.length ?? 0) + (value?.length ?? 0) + headers.length;

const NOTHING = new Uint8Array(0);
const NONE = {};
