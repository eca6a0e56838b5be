import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { codecOf } from '../../../../clients/kafka/codecs/codecs.js';
import { RecordBatch } from '../../../../clients/kafka/producer/record-batch.js';

const NOW_MS = 1_700_000_000_000;
const IDENTITY = { id: 12n, epoch: 3 };

type Entry = readonly [key: Uint8Array | null, value: Uint8Array | null, afterMs: number];

function batchOf(entries: readonly Entry[]): RecordBatch {
  const batch = new RecordBatch(NOW_MS);
  for (const [key, value, afterMs] of entries) batch.add(key, value, NOW_MS + afterMs);
  return batch;
}

const seal = (batch: RecordBatch, sequence = 7): Promise<Buffer> =>
  batch.seal(codecOf('none'), IDENTITY, sequence);

test('a part of a batch is the batch of those records', async () => {
  const maybeBytes = fc.option(fc.uint8Array({ maxLength: 300 }));
  const entries = fc.array(fc.tuple(maybeBytes, maybeBytes, fc.nat(100_000)), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(entries, fc.nat(), fc.nat(), async (all, a, b) => {
      const [from, to] = [a % all.length, b % all.length].toSorted((x, y) => x - y) as [
        number,
        number,
      ];
      const part = batchOf(all).slice(from, to + 1);
      expect(part.count).toBe(to + 1 - from);
      expect(await seal(part)).toEqual(await seal(batchOf(all.slice(from, to + 1))));
    }),
  );
});

test('sealed again it is the same, or what another sequence makes of it', async () => {
  const batch = batchOf([[Buffer.from('k'), Buffer.alloc(10_000), 0]]);
  const once = Buffer.from(await seal(batch));
  expect(await seal(batch)).toEqual(once);
  const other = await seal(batch, 8);
  expect([other.readInt32BE(53), other.readBigInt64BE(43), other.readInt16BE(51)]).toEqual([
    8,
    12n,
    3,
  ]);
  expect(other.readUInt32BE(17)).not.toBe(once.readUInt32BE(17));
});

test('a record from before the batch takes its time, as deltas must not be negative', async () => {
  const early = batchOf([[null, Buffer.from('v'), -5]]);
  expect(await seal(early)).toEqual(await seal(batchOf([[null, Buffer.from('v'), 0]])));
});
