/**
 * One member of a consumer group: the requests of the classic group protocol, each sent once. When to send them, and what to do
 * about an error, `consumer.ts` knows.
 *
 * @module
 */
import type { Cluster } from 'kafkajs';
import { assign, assigned, subscription } from './assign.js';
import {
  byTopic,
  coordinatorOf,
  errorType,
  partitionName,
  partitionNamed,
  type GroupBroker,
  type TopicPartition,
} from './kafkajs-parts.js';

export interface MembershipOptions {
  readonly group: string;
  /** Without a heartbeat for so long, the member is given up by the group. */
  readonly sessionTimeoutMs: number;
  /** How long the group waits for its members to join again. */
  readonly rebalanceTimeoutMs: number;
}

/** Who commits: a request of an earlier generation is refused, however late it is sent. */
export interface Identity {
  readonly memberId: string;
  readonly groupGenerationId: number;
}

export interface Share {
  readonly identity: Identity;
  readonly partitions: readonly TopicPartition[];
  /** Whether this member shares the partitions out. */
  readonly leads: boolean;
}

/** What the coordinator says of this member, and not of its own health. */
export const ABOUT_US: ReadonlySet<string> = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
]);

export class Membership {
  readonly #cluster: Cluster;
  readonly #options: MembershipOptions;
  #coordinator: GroupBroker | null = null;
  #memberId = '';

  constructor(cluster: Cluster, options: MembershipOptions) {
    this.#cluster = cluster;
    this.#options = options;
  }

  /** Empty until it has joined. It stays the same until the group gives the member up. */
  get memberId(): string {
    return this.#memberId;
  }

  /** Joins, again or for the first time: resolves when all members have, with this one's share. */
  async join(topics: readonly string[]): Promise<Share> {
    const { group: groupId, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options;
    return this.#ask(async (coordinator) => {
      const joined = await coordinator.joinGroup({
        groupId,
        memberId: this.#memberId,
        sessionTimeout: sessionTimeoutMs,
        rebalanceTimeout: rebalanceTimeoutMs,
        groupProtocols: [subscription(topics)],
      });
      const { memberId, generationId } = joined;
      this.#memberId = memberId;
      const leads = joined.leaderId === memberId;
      const { memberAssignment } = await coordinator.syncGroup({
        groupId,
        memberId,
        generationId,
        groupAssignment: leads ? assign(joined.members, (topic) => this.#partitionsOf(topic)) : [],
      });
      const identity = { memberId, groupGenerationId: generationId };
      return { identity, partitions: assigned(memberAssignment), leads };
    });
  }

  heartbeat(identity: Identity): Promise<unknown> {
    const { group: groupId } = this.#options;
    return this.#ask((coordinator) => coordinator.heartbeat({ groupId, ...identity }));
  }

  /** Where the group goes on, by partition name; those of which it has committed nothing are not among them. */
  async committed(partitions: readonly TopicPartition[]): Promise<Map<string, number>> {
    // Asked for none, brokers tell of all that the group has.
    if (partitions.length === 0) return new Map();
    const topics = byTopic(partitions, () => ({ offset: '' }));
    const { responses } = await this.#ask((coordinator) =>
      coordinator.offsetFetch({ groupId: this.#options.group, topics }),
    );
    const offsets = responses.flatMap(({ topic, partitions: found }) =>
      found.map(({ partition, offset }): [string, number] => [
        partitionName({ topic, partition }),
        Number(offset),
      ]),
    );
    return new Map(offsets.filter(([, offset]) => offset >= 0));
  }

  /** @param offsets by partition name, of partitions of this member in that generation: nobody checks whose they are */
  async commit(identity: Identity, offsets: ReadonlyMap<string, number>): Promise<void> {
    const { group: groupId } = this.#options;
    const topics = byTopic([...offsets.keys()].map(partitionNamed), (partition) => ({
      offset: String(offsets.get(partitionName(partition))),
    }));
    await this.#ask((coordinator) => coordinator.offsetCommit({ groupId, ...identity, topics }));
  }

  /** So that the group need not wait for the session to time out. */
  async leave(memberId = this.#memberId): Promise<void> {
    await this.#ask((coordinator) =>
      coordinator.leaveGroup({ groupId: this.#options.group, memberId }),
    );
    if (memberId === this.#memberId) this.forget();
  }

  /** The group has given the member up: it joins as a new one. */
  forget(): void {
    this.#memberId = '';
  }

  #partitionsOf(topic: string): number[] {
    return this.#cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
  }

  /** A coordinator may have moved or be gone: after any error of its own it is looked for anew. */
  async #ask<T>(request: (coordinator: GroupBroker) => Promise<T>): Promise<T> {
    this.#coordinator ??= await coordinatorOf(this.#cluster, this.#options.group);
    try {
      return await request(this.#coordinator);
    } catch (error) {
      if (!ABOUT_US.has(errorType(error))) this.#coordinator = null;
      throw error;
    }
  }
}
