/** The parts of the consumer that need no broker. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assign, assigned, subscription } from '../../../../clients/kafka/consumer/assign.js';
import { Commits } from '../../../../clients/kafka/consumer/commits.js';
import type { Membership } from '../../../../clients/kafka/consumer/membership.js';
import {
  byTopic,
  errorType,
  partitionNamed,
  partitionName,
  type RawMessage,
} from '../../../../clients/kafka/consumer/kafkajs-parts.js';
import { committedRecords, nextOffset } from '../../../../clients/kafka/consumer/records.js';
import { Trouble } from '../../../../clients/kafka/consumer/trouble.js';

const topicName = fc.stringMatching(/^[a-zA-Z0-9._-]{1,20}$/);
const named = (type: string): Error => Object.assign(new Error('no'), { type });

test('the name of a partition tells topic and number, whatever the topic is called', () => {
  fc.assert(
    fc.property(topicName, fc.nat(), (topic, partition) => {
      expect(partitionNamed(partitionName({ topic, partition }))).toEqual({ topic, partition });
    }),
  );
});

test('partitions are grouped by topic, none left out', () => {
  const of = { a: 1 };
  const partitions = [
    { topic: 'x', partition: 1 },
    { topic: 'y', partition: 0 },
    { topic: 'x', partition: 0 },
  ];
  expect(byTopic(partitions, () => of)).toEqual([
    {
      topic: 'x',
      partitions: [
        { partition: 1, a: 1 },
        { partition: 0, a: 1 },
      ],
    },
    { topic: 'y', partitions: [{ partition: 0, a: 1 }] },
  ]);
});

test('an error is told by what the protocol calls it, however often it was wrapped', () => {
  const inner = named('REBALANCE_IN_PROGRESS');
  expect(errorType(new Error('b', { cause: new Error('a', { cause: inner }) }))).toBe(
    'REBALANCE_IN_PROGRESS',
  );
  expect(errorType(new TypeError('x'))).toBe('TypeError');
  expect(errorType('x')).toBe('Error');
});

test('each partition goes to one member that wants its topic, evenly, and to the same one as long as the members are', () => {
  const members = fc.dictionary(fc.stringMatching(/^m\d{1,3}$/), fc.subarray(['x', 'y', 'z']), {
    minKeys: 1,
    maxKeys: 5,
  });
  fc.assert(
    fc.property(members, fc.nat(9), (wanted, count) => {
      const joined = Object.entries(wanted).map(([memberId, topics]) => ({
        memberId,
        memberMetadata: subscription(topics).metadata,
      }));
      const partitionsOf = (): number[] => Array.from({ length: count }, (_, i) => count - 1 - i);
      const shares = assign(joined, partitionsOf);
      expect(assign(joined.toReversed(), partitionsOf)).toEqual(shares);
      const dealt = shares.flatMap(({ memberId, memberAssignment }) =>
        assigned(memberAssignment).map((each) => ({ ...each, memberId })),
      );
      for (const { topic, memberId } of dealt) expect(wanted[memberId]).toContain(topic);
      const topics = new Set(Object.values(wanted).flat());
      expect(dealt.length).toBe(topics.size * count);
      expect(new Set(dealt.map(partitionName)).size).toBe(dealt.length);
      const same = Object.values(wanted).every((each) => each.length === 3);
      const sizes = shares.map(({ memberAssignment }) => assigned(memberAssignment).length);
      if (same) expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

describe('what a fetch brought', () => {
  const message = (
    offset: number,
    producerId = '-1',
    control?: 'abort' | 'commit',
  ): RawMessage => ({
    offset: String(offset),
    timestamp: '0',
    key: control ? Buffer.from([0, 0, 0, control === 'abort' ? 0 : 1]) : null,
    value: null,
    isControlRecord: control !== undefined,
    batchContext: {
      firstOffset: String(offset),
      lastOffsetDelta: 0,
      producerId,
      inTransaction: producerId !== '-1',
    },
  });
  const offsets = (messages: RawMessage[], aborts: [string, number][], from = 0): number[] =>
    committedRecords(
      {
        partition: 0,
        messages,
        abortedTransactions: aborts.map(([producerId, first]) => ({
          producerId,
          firstOffset: String(first),
        })),
      },
      from,
    ).map(({ offset }) => offset);

  test('is read from the offset that was asked for', () => {
    expect(offsets([message(3), message(4), message(5)], [], 4)).toEqual([4, 5]);
  });

  test('is read without what was aborted, also where transactions overlap and follow each other', () => {
    const messages = [
      message(0, 'a'),
      message(1, 'b'),
      message(2),
      message(3, 'a', 'abort'),
      message(4, 'a'),
      message(5, 'b', 'abort'),
      message(6, 'b'),
      message(7, 'a', 'commit'),
      message(8, 'b', 'commit'),
    ];
    expect(
      offsets(messages, [
        ['b', 1],
        ['a', 0],
      ]),
    ).toEqual([2, 4, 6]);
  });

  test('ends behind its last batch, also when the end of that was compacted away', () => {
    expect(nextOffset([], 7)).toBe(7);
    expect(nextOffset([message(7), message(9)], 7)).toBe(10);
    const { batchContext, ...rest } = message(9);
    expect(
      nextOffset([{ ...rest, batchContext: { ...batchContext!, lastOffsetDelta: 4 } }], 7),
    ).toBe(14);
    expect(nextOffset([rest], 7)).toBe(10);
  });
});

describe('commits', () => {
  const identity = { memberId: 'm', groupGenerationId: 1 };

  /** A member whose answers the test gives. */
  function member(...answers: (() => Promise<void>)[]): { commits: Commits; sent: object[] } {
    const sent: object[] = [];
    const membership: Pick<Membership, 'commit'> = {
      commit: (who, offsets) => {
        sent.push({ ...Object.fromEntries(offsets), by: who.groupGenerationId });
        return answers.shift()?.() ?? Promise.resolve();
      },
    };
    return { commits: new Commits(membership as Membership, identity), sent };
  }
  const refuse = (type: string) => () => Promise.reject(named(type));

  test('that could not be sent are sent again, but for partitions that have gone further', async () => {
    const { commits, sent } = member(refuse('NETWORK_EXCEPTION'));
    commits.add(
      new Map([
        ['a', 1],
        ['b', 1],
      ]),
    );
    await expect(commits.send()).rejects.toThrow('no');
    commits.add(new Map([['a', 2]]));
    await commits.send();
    expect(sent).toEqual([
      { a: 1, b: 1, by: 1 },
      { a: 2, b: 1, by: 1 },
    ]);
  });

  test('are all sent before the partitions go', async () => {
    const { commits, sent } = member(refuse('NETWORK_EXCEPTION'));
    commits.add(new Map([['a', 1]]));
    expect(await commits.last()).toBe(true);
    expect(sent.length).toBe(2);
  });

  test.each(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS'])(
    'that come too late (%s) are not sent again',
    async (type) => {
      const { commits, sent } = member(refuse(type));
      commits.add(new Map([['a', 1]]));
      expect(await commits.last()).toBe(false);
      expect(sent.length).toBe(1);
    },
  );
});

test('trouble is told when it begins, and when all of it is over', () => {
  const told: string[] = [];
  const trouble = new Trouble((message) => told.push(message.replaceAll(/\d[\dT:.Z-]*/g, '#')));
  trouble.ends('fetch');
  trouble.begins('fetch', new Error('connection refused'));
  trouble.begins('heartbeat', new Error('connection refused'));
  trouble.ends('fetch');
  expect(told).toEqual(['Kafka: connection refused (fetch, #). Waits, and tries again.']);
  trouble.ends('heartbeat');
  trouble.begins('commit', new Error('no coordinator'));
  trouble.over();
  trouble.over();
  expect(told.slice(1)).toEqual([
    'Kafka: answers again after # s (since #).',
    'Kafka: no coordinator (commit, #). Waits, and tries again.',
    'Kafka: answers again after # s (since #).',
  ]);
});
