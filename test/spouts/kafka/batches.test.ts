import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Fetched, KafkaRecord } from '../../../clients/kafka/consumer/consumer.js';
import { messageLines } from '../../../spouts/kafka/message-lines.js';
import { MessageBatch } from '../../../spouts/kafka/message-batch.js';
import { KafkaMessage } from '../../../spouts/kafka/message.js';
import { RawLine } from '../../../topology/dsl/raw-line.js';
import type { Batch } from '../../../topology/dsl/spout.js';
import { emitter } from '../../../topology/rows/emitter.js';
import { bytesOf, endOf, reveal, startOf } from '../../../topology/rows/reveal.js';
import type { Emit, Kept } from '../../../topology/rows/row.js';
import type { Pii } from '../../../topology/rows/pii.js';
import type { Schema } from '../../../topology/rows/schema.js';

const part = fc.option(fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)));
const records = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 1, max: 3 }),
      timestampMs: fc.nat(),
      key: part,
      value: part,
      headers: fc.dictionary(fc.string(), fc.oneof(part, fc.array(part, { maxLength: 3 })), {
        maxKeys: 2,
      }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((given) => {
    let offset = 100;
    return given.map(({ gap, ...rest }): KafkaRecord => ({ ...rest, offset: (offset += gap) }));
  });

const fetchedOf = (all: readonly KafkaRecord[]): Fetched => ({
  topic: 'a-topic',
  partition: 7,
  records: all,
  nextOffset: all.at(-1)!.offset + 5,
  bytes: all.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0),
});

/** What a batch emits, one row a message, kept. */
function rowsOf<T extends object>(batch: Batch<T>, emits: Schema<T>): Kept<T>[] {
  const rows: Kept<T>[] = [];
  const emit = emitter('in', emits, (row) => rows.push((row as Kept<T>).keep()));
  for (let i = 0; i < batch.count; i++)
    if (batch.rejected?.(i) === undefined) batch.emit(i, emit as unknown as Emit<T>);
  return rows;
}

const opened = (pii: Pii | null): Buffer | null =>
  pii === null ? null : Buffer.from(bytesOf(pii).subarray(startOf(pii), endOf(pii)));

const plain = ({ key, value, headers, ...rest }: Kept<KafkaMessage>): object => ({
  ...rest,
  key: opened(key),
  value: opened(value),
  headers: JSON.parse(reveal(headers)),
});

const textOf = (value: KafkaRecord['headers'][string]): unknown => {
  if (Buffer.isBuffer(value)) return value.toString();
  return Array.isArray(value) ? value.map(textOf) : null;
};

const expected = ({ offset, timestampMs, key, value, headers }: KafkaRecord): object => ({
  topic: 'a-topic',
  partition: 7,
  offset,
  timestamp: timestampMs,
  key,
  value,
  headers: Object.fromEntries(Object.entries(headers).map(([name, each]) => [name, textOf(each)])),
});

describe('a batch of messages', () => {
  test('emits each as it came, also when it was taken out for a replay', () => {
    fc.assert(
      fc.property(records, (all) => {
        const batch = MessageBatch.of(fetchedOf(all));
        const rows = rowsOf(batch, KafkaMessage).map((row) => plain(row.toObject() as never));
        expect(rows).toEqual(all.map(expected));
        const singles = all.map((_, i) => batch.extract(i));
        batch.bytes.fill(0);
        const again = singles.flatMap((single) => rowsOf(single, KafkaMessage));
        expect(again.map((row) => plain(row.toObject() as never))).toEqual(all.map(expected));
      }),
    );
  });

  test('says where each came from, and goes on after it; after the last, behind what is no message', () => {
    fc.assert(
      fc.property(records, (all) => {
        const batch = MessageBatch.of(fetchedOf(all));
        for (const [i, { offset, value }] of all.entries()) {
          const last = i === all.length - 1;
          for (const [one, at] of [
            [batch, i],
            [batch.extract(i), 0],
          ] as const) {
            expect(one.partition).toBe('a-topic-7');
            expect(one.origin(at)).toEqual({ topic: 'a-topic', partition: 7, offset });
            expect(one.positionAfter(at)).toBe(last ? offset + 5 : offset + 1);
            expect(Buffer.from(one.raw(at))).toEqual(value ?? Buffer.alloc(0));
          }
        }
      }),
    );
  });
});

describe('a batch of values as lines', () => {
  test('has a line of each value, and gives up a message without one', () => {
    fc.assert(
      fc.property(records, (all) => {
        const batch = messageLines(fetchedOf(all));
        const rows = rowsOf(batch, RawLine).map((row) => {
          const { line, source, offset } = row.toObject();
          return { line: opened(line), source, offset };
        });
        const lines = all
          .filter(({ value }) => value !== null)
          .map(({ value, offset }) => ({ line: value, source: 'a-topic-7', offset }));
        expect(rows).toEqual(lines);
        expect(all.map((_, i) => batch.rejected(i))).toEqual(
          all.map(({ value }) => (value === null ? 'message without a value' : undefined)),
        );
        expect(batch.positionAfter(all.length - 1)).toBe(all.at(-1)!.offset + 5);
      }),
    );
  });
});
