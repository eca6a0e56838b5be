import { expect, test } from '@jest/globals';
import { perKind } from '../../../runtime/ledger/failure.js';
import { Counters } from '../../../runtime/metrics/counters.js';

test('a snapshot is the figures of that moment, as plain JSON', () => {
  const counters = new Counters(2, [0, 2]);
  counters.executed[1]! += 3;
  counters.streams[1]![0]! += 5;
  counters.streams[1]![1]! += 7;
  counters.fail(1, 'timeout');
  counters.fail(1, 'rejected', 2);
  counters.latency[1]!.addMs(1);
  const snapshot = counters.snapshot();
  counters.executed[1]!++;
  counters.latency[1]!.addMs(1);
  const none = perKind(() => 0);
  const zero = {
    ...{ executed: 0, emitted: 0, acked: 0, failed: 0, replayed: 0, deadLetters: 0 },
    failedBy: none,
    streams: [],
  };
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual([
    { ...zero, latency: [] },
    {
      ...zero,
      executed: 3,
      emitted: 12,
      streams: [5, 7],
      failed: 3,
      failedBy: { ...none, timeout: 1, rejected: 2 },
      latency: [[expect.any(Number), 1]],
    },
  ]);
});
