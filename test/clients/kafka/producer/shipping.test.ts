import { expect, test } from '@jest/globals';
import { Brokers } from '../../../../clients/kafka/producer/brokers.js';
import { codecOf } from '../../../../clients/kafka/codecs/codecs.js';
import { Shipping } from '../../../../clients/kafka/producer/shipping.js';

test('that something waits is told once, and that nothing waits any more once all have come to an end', async () => {
  const told: (string | null)[] = [];
  const shipping = new Shipping(new Brokers({ brokers: ['127.0.0.1:1'] }), codecOf('none'), {
    stored: () => {},
    retried: () => {},
    refused: (reason) => new Error(reason),
    waiting: (reason) => void told.push(reason),
  });
  const [one, other] = [{}, {}];
  await shipping.again(one, 1, 'a leader has moved');
  shipping.done(one);
  expect(told).toEqual([]);
  await shipping.again(one, 3, 'away');
  await shipping.again(one, 4, 'still away');
  shipping.waits(other, 'away, too');
  shipping.done(one);
  shipping.done(one);
  expect(told).toEqual(['away']);
  shipping.done(other);
  expect(told).toEqual(['away', null]);
  shipping.waits(other, 'away again');
  expect(told).toEqual(['away', null, 'away again']);
});
