import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FRAME_BYTES } from '../../../runtime/transport/frame.js';
import { Inbox } from '../../../runtime/transport/inbox.js';
import { Collector, Sender, type Item } from './wire.js';

const number = fc.nat(1 << 20);
const body = fc.oneof(
  { weight: 9, arbitrary: fc.string({ unit: 'grapheme', maxLength: 60 }) },
  { weight: 2, arbitrary: fc.nat(FRAME_BYTES).map((length) => 'x'.repeat(length)) },
  { weight: 1, arbitrary: fc.nat(6 * FRAME_BYTES).map((length) => 'é'.repeat(length)) },
);
const failure = fc.oneof(
  fc.constant({ kind: 'timeout' } as const),
  fc.record({
    kind: fc.constant('failed' as const),
    component: fc.string(),
    code: fc.string({ unit: 'grapheme' }),
  }),
);
const item: fc.Arbitrary<Item> = fc.oneof(
  fc.record({
    what: fc.constant('row' as const),
    number,
    body,
    edge: fc.nat(0xffff),
    task: fc.nat(0xffff),
  }),
  fc.record({ what: fc.constant('ack' as const), number }),
  fc.record({ what: fc.constant('fail' as const), number, failure }),
  fc.record({ what: fc.constant('mark' as const), number }),
);
/** Things to send, how many frames the socket takes after each, and whether a turn ends there. */
const traffic = fc.array(fc.record({ item, taken: fc.nat(2), flush: fc.boolean() }), {
  maxLength: 60,
});

function sent(steps: readonly { item: Item; taken: number; flush: boolean }[]): Sender {
  const sender = new Sender();
  for (const { item, taken, flush } of steps) {
    sender.send(item);
    if (flush) sender.outbox.flush();
    sender.take(taken);
  }
  sender.outbox.flush();
  sender.take();
  return sender;
}

/** Feeds `stream` in pieces of the sizes that `next` names. */
function received(stream: Buffer, next: () => number): Collector {
  const collector = new Collector();
  const inbox = new Inbox(collector);
  for (let at = 0; at < stream.length;) {
    const count = stream.copy(inbox.room(), 0, at, at + next());
    if (count === 0) throw new Error('There was no room.');
    inbox.received(count);
    at += count;
  }
  return collector;
}

describe('from an outbox to an inbox', () => {
  test('rows, acks, fails and marks come as they were sent, each kind in order, however the stream is cut', () => {
    fc.assert(
      fc.property(
        traffic,
        fc.infiniteStream(
          fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 200_000 })),
        ),
        (steps, cuts) => {
          const collector = received(sent(steps).stream, () => cuts.next().value as number);
          // A mark comes behind every row that was sent before it.
          for (const kinds of [['row', 'mark'], ['ack'], ['fail']] as const) {
            expect(collector.of(...kinds)).toEqual(
              steps
                .map(({ item }) => item)
                .filter(({ what }) => (kinds as readonly string[]).includes(what)),
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a stream may be cut at every one of its bytes', () => {
    const row = (number: number): Item => ({
      what: 'row',
      number,
      body: `body ${number}`,
      edge: 3,
      task: 70,
    });
    const items: Item[] = [
      row(1),
      { what: 'ack', number: 2 },
      row(3),
      { what: 'fail', number: 4, failure: { kind: 'worker-lost' } },
      row(5),
    ];
    const { stream } = sent(items.map((item) => ({ item, taken: 0, flush: item.what === 'row' })));
    const whole = received(stream, () => stream.length).items;
    expect(whole.length).toBe(5);
    for (let cut = 1; cut < stream.length; cut++) {
      let first = true;
      expect(
        received(stream, () => (first ? ((first = false), cut) : stream.length)).items,
      ).toEqual(whole);
    }
    expect(received(stream, () => 1).items).toEqual(whole);
  });

  test('a row larger than a frame and than what is read at once comes whole, and small ones after it', () => {
    const big: Item = { what: 'row', number: 1, body: 'x'.repeat(3_000_000), edge: 0, task: 0 };
    const small: Item = { what: 'row', number: 2, body: 'y', edge: 0, task: 0 };
    const { stream } = sent(
      [big, small, big, small].map((item) => ({ item, taken: 1, flush: true })),
    );
    expect(received(stream, () => 100_000).items).toEqual([big, small, big, small]);
  });
});

describe('Inbox', () => {
  test('does not keep the memory that a large frame took', () => {
    const sender = new Sender();
    sender.send({ what: 'row', number: 1, body: 'x'.repeat(3_000_000), edge: 0, task: 0 });
    sender.outbox.flush();
    sender.take();
    const inbox = new Inbox(new Collector());
    const usual = inbox.room().buffer.byteLength;
    let largest = 0;
    for (let at = 0; at < sender.stream.length;) {
      const count = sender.stream.copy(inbox.room(), 0, at);
      inbox.received(count);
      largest = Math.max(largest, inbox.room().buffer.byteLength);
      at += count;
    }
    expect(largest).toBeGreaterThan(3_000_000);
    expect(inbox.room().buffer.byteLength).toBe(usual);
  });

  test('refuses what is no frame', () => {
    for (const length of [0, 4, 7, 12, -8, 2 ** 30]) {
      const inbox = new Inbox(new Collector());
      inbox.room().writeInt32LE(length);
      expect(() => inbox.received(8)).toThrow('A peer sent what is no frame.');
    }
  });
});
