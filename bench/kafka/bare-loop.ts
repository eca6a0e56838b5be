/** From topic to topic with kafkajs alone, as its guide says: what is fetched at once is sent at once. Nothing is parsed. @module */
import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { kafkaOf } from '../../clients/kafka/connection.js';
import { INPUT, OUTPUT } from './input.js';

/** @param at called with the number of messages done, now and then */
export async function bareLoop(
  broker: string,
  messages: number,
  at: (done: number) => void,
): Promise<void> {
  const kafka = kafkaOf({ brokers: [broker] });
  const producer = kafka.producer({ idempotent: true });
  const consumer = kafka.consumer({ groupId: randomUUID(), maxWaitTimeInMs: 100 });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic: INPUT, fromBeginning: true });
  let done = 0;
  await new Promise<void>((over) => {
    void consumer.run({
      partitionsConsumedConcurrently: 4,
      eachBatch: async ({ batch }) => {
        await producer.send({
          topic: OUTPUT,
          compression: kafkajs.CompressionTypes.LZ4,
          messages: batch.messages.map(({ key, value }) => ({ key, value })),
        });
        at((done += batch.messages.length));
        if (done >= messages) over();
      },
    });
  });
  await Promise.all([consumer.disconnect(), producer.disconnect()]);
}
