import { describe, expect, test } from '@jest/globals';
import { FRAME_BYTES, FRAME_BYTES_MAX } from '../../../runtime/transport/frame.js';
import { Sender, type Item } from './wire.js';

const row = (number: number, bytes = 10): Item => ({
  what: 'row',
  number,
  body: 'x'.repeat(bytes),
  edge: 0,
  task: 0,
});
const ack = (number: number): Item => ({ what: 'ack', number });

describe('Outbox', () => {
  test('sends at the end of a turn, in one frame per kind, or before that when a frame is full', () => {
    const sender = new Sender();
    for (const item of [row(1), ack(1), row(2), ack(2)]) sender.send(item);
    sender.take();
    expect(sender.frames.length).toBe(0);
    sender.outbox.flush();
    sender.take();
    expect(sender.frames.length).toBe(2);
    for (let i = 0; i < 100; i++) sender.send(row(i, FRAME_BYTES / 25));
    sender.take();
    // 25 would fill a frame to the brim; how long a string is in bytes is known only when it is written.
    expect(sender.frames.length).toBeGreaterThanOrEqual(2 + 3);
    expect(sender.frames.length).toBeLessThanOrEqual(2 + 5);
    for (const frame of sender.frames) expect(frame.length).toBeLessThanOrEqual(FRAME_BYTES);
  });

  test('says how much waits for the socket, and when there is room again', () => {
    let taken = 0;
    const sender = new Sender(() => taken++);
    sender.send(row(1, 1000));
    expect(sender.outbox.waiting).toBe(0);
    sender.outbox.flush();
    expect(sender.outbox.waiting).toBeGreaterThan(1000);
    sender.take();
    expect(sender.outbox.waiting).toBe(0);
    expect(taken).toBe(1);
    expect(sender.frames[0]!.length).toBeGreaterThan(1000);
  });

  test('drops what was meant for a connection that is gone, and counts nothing of it against the next', () => {
    const sender = new Sender();
    sender.send(row(1));
    sender.outbox.flush();
    sender.send(row(2));
    sender.send(ack(3));
    sender.outbox.connect(null);
    expect(sender.outbox.connected).toBe(false);
    sender.send({ what: 'fail', number: 5, failure: { kind: 'timeout' } });
    sender.connect();
    expect(sender.outbox.waiting).toBe(0);
    sender.take();
    expect(sender.outbox.waiting).toBe(0);
    sender.outbox.flush();
    sender.take();
    // The one frame that was under way when the connection broke.
    expect(sender.frames.length).toBe(1);
  });

  test('refuses a row that no peer would take, and sends the next', () => {
    const sender = new Sender();
    const endless = { size: () => FRAME_BYTES_MAX, write: () => 0 };
    const send = (): void =>
      sender.outbox.row(
        0,
        0,
        { worker: 0, slot: 0, generation: 0, high: 0, low: 0 },
        0,
        0,
        0,
        endless,
        {},
      );
    expect(send).toThrow('A row of more than 128 MiB cannot travel to another worker.');
    sender.send(row(1));
    sender.outbox.flush();
    sender.take();
    expect(sender.frames.length).toBe(1);
  });
});
