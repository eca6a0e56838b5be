import { expect, test } from '@jest/globals';
import { codecOf } from '../../../../clients/kafka/codecs/codecs.js';
import { Brokers } from '../../../../clients/kafka/producer/brokers.js';
import { PartitionQueue } from '../../../../clients/kafka/producer/partition-queue.js';
import type { ProducerIdentity } from '../../../../clients/kafka/producer/record-batch.js';
import { Shipping } from '../../../../clients/kafka/producer/shipping.js';

const NOT_AUTHORISED = 29;

/** Answers as it is told, and notes under which producer id and sequence number a batch came. */
class Scripted extends Brokers {
  answer = 0;
  readonly came: string[] = [];
  #ids = 0n;

  override async identity(): Promise<ProducerIdentity> {
    return { id: ++this.#ids, epoch: 0 };
  }

  override async produce(_: number, _topic: string, _partition: number, batch: Buffer) {
    this.came.push(`${batch.readBigInt64BE(43)}/${batch.readInt32BE(53)}`);
    return this.answer;
  }
}

test('a sequence number is used once under an identity, however often the topic is refused in between', async () => {
  const brokers = new Scripted({ brokers: ['127.0.0.1:1'] });
  const shipping = new Shipping(brokers, codecOf('none'), {
    stored: () => {},
    retried: () => {},
    refused: (reason) => new Error(reason),
    waiting: () => {},
  });
  const refusal: Error | null = null;
  const route = { topic: 't', leaderOf: () => 1, refresh: () => {}, refusal };
  const queue = new PartitionQueue(shipping, route, 0);
  const send = () => queue.add(null, Buffer.from('v'));
  await send();
  brokers.answer = NOT_AUTHORISED;
  await expect(send()).rejects.toThrow('not authorised');
  route.refusal = new Error('refused for now') as never;
  await expect(send()).rejects.toThrow('refused for now');
  route.refusal = null;
  brokers.answer = 0;
  await send();
  expect(brokers.came).toEqual(['1/0', '1/1', '2/0']);
});
