/**
 * Who reads what: partitions in order, dealt round to the members in order of their ids, each only what it has subscribed.
 * A member keeps its id, so its share stays the same as long as the group does. The bytes are those of Java's
 * `RoundRobinAssignor` (ConsumerProtocol, version 0).
 *
 * @module
 */
import kafkajs, { type GroupMember, type GroupMemberAssignment, type GroupState } from 'kafkajs';
import type { TopicPartition } from './kafkajs-parts.js';

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;

/** What a member says when it joins. */
export const subscription = (topics: readonly string[]): GroupState => ({
  name: 'roundrobin',
  metadata: MemberMetadata.encode({ version: 0, topics: [...topics], userData: NOTHING }),
});

/**
 * The leader's decision.
 * @param partitionsOf the partitions of a topic
 */
export function assign(
  members: readonly GroupMember[],
  partitionsOf: (topic: string) => readonly number[],
): GroupMemberAssignment[] {
  const sorted = members
    .map(({ memberId, memberMetadata }) => ({
      memberId,
      topics: new Set(MemberMetadata.decode(memberMetadata)?.topics),
      share: {} as { [topic: string]: number[] },
    }))
    .sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  let next = 0;
  for (const topic of [...new Set(sorted.flatMap(({ topics }) => [...topics]))].sort()) {
    const readers = sorted.filter(({ topics }) => topics.has(topic));
    for (const partition of partitionsOf(topic).toSorted((a, b) => a - b)) {
      const { share } = readers[next++ % readers.length]!;
      (share[topic] ??= []).push(partition);
    }
  }
  return sorted.map(({ memberId, share: assignment }) => ({
    memberId,
    memberAssignment: MemberAssignment.encode({ version: 0, assignment, userData: NOTHING }),
  }));
}

/** What a member is told. */
export function assigned(bytes: Buffer): TopicPartition[] {
  const assignment = MemberAssignment.decode(bytes)?.assignment ?? {};
  return Object.entries(assignment).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  );
}

const NOTHING = Buffer.alloc(0);
