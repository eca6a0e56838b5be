import { expect, test } from '@jest/globals';
import { kafka, kafkaLines } from '../../../spouts/kafka/index.js';

const good = { brokers: ['localhost:9092'], topics: 'orders', group: 'billing' };

test.each([
  [{ topics: [] }, 'topics is an empty list; name a topic.'],
  [{ topics: 'no topic' }, 'topics has "no topic", which is no name of a topic'],
  [{ topics: ['orders', ''] }, 'topics has "", which is no name of a topic'],
  [{ group: '' }, 'group is empty; name the consumer group.'],
  [{ brokers: ['localhost'] }, 'brokers must be a list of host:port'],
  [{ from: new Date('no date') }, 'from is an invalid Date.'],
  [{ from: { orders: { 0: -1 } } }, 'from has the offset -1 for orders, partition 0'],
  [{ from: { orders: { 0: 1.5 } } }, 'from has the offset 1.5 for orders, partition 0'],
  [{ from: { orr: { 0: 40 } } }, 'from has offsets for "orr", which is not among topics.'],
  [{ topics: /^ors/g, from: { orr: { 0: 40 } } }, 'from has offsets for "orr", which is not'],
  [{ sessionTimeoutMs: 0 }, 'sessionTimeoutMs is 0; give a whole number of milliseconds above 0.'],
  [{ metadataMaxAgeMs: 1.5 }, 'metadataMaxAgeMs is 1.5; give a whole number'],
])('refuses %j, and says what is wrong', (wrong, message) => {
  expect(() => kafka({ ...good, ...wrong })).toThrow(message);
  expect(() => kafkaLines({ ...good, ...wrong })).toThrow(message);
});

test('shows in the plan what is read, and never how to log in', () => {
  const spout = kafka({
    ...good,
    topics: /^orders_/i,
    from: new Date(0),
    sasl: { mechanism: 'plain', username: 'alice', password: 'secret' },
  });
  expect(spout.parameters).toEqual({
    brokers: ['localhost:9092'],
    topics: '/^orders_/i',
    group: 'billing',
    from: '1970-01-01T00:00:00.000Z',
    outOfRange: 'fail',
  });
});
