/** The values of messages as lines. @module */
import { partitionName, type Fetched } from '../../clients/kafka/consumer/consumer.js';
import { LineBatch } from '../../topology/dsl/line-batch.js';

/** Why a message without a value (a tombstone) is no line. */
const NO_VALUE = 'message without a value';

/** A line's source is its partition, e.g. `orders-2`, and its offset that of the message. */
export function messageLines({ records, nextOffset, bytes, ...from }: Fetched): LineBatch {
  const name = partitionName(from);
  const batch = new LineBatch(bytes, records.length);
  batch.begin(name, name, name);
  const last = records.length - 1;
  let start = 0;
  for (let i = 0; i <= last; i++) {
    const { offset, value } = records[i]!;
    const end = start + (value?.length ?? 0);
    if (value !== null) batch.bytes.set(value, start);
    const position = i === last ? nextOffset : offset + 1;
    batch.add(start, end, offset, position, value === null ? NO_VALUE : undefined);
    start = end;
  }
  batch.end();
  return batch;
}
