/**
 * The parts of kafkajs that lie under its consumer: what it knows of the cluster, and the requests of the group protocol.
 *
 * kafkajs' own consumer cannot be held to what we promise: between learning that the group rebalances and having joined
 * again (its runner.js) there is no moment at which what is in flight could be settled and committed, and it stops to
 * fetch, to commit and to beat whenever our code is slow. So our consumer drives these parts itself. They are reached in
 * the public way: a partition assigner is given its consumer's cluster.
 *
 * @module
 */
import type {
  Broker,
  Cluster,
  GroupMember,
  GroupMemberAssignment,
  GroupState,
  Kafka,
} from 'kafkajs';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Kafka's own name of a partition, e.g. `orders-2`: a topic may have dashes in it, a number has none. */
export const partitionName = ({ topic, partition }: TopicPartition): string =>
  `${topic}-${partition}`;

export function partitionNamed(name: string): TopicPartition {
  const dash = name.lastIndexOf('-');
  return { topic: name.slice(0, dash), partition: Number(name.slice(dash + 1)) };
}

/** What requests take: topics with their partitions, each with what `of` adds. */
export function byTopic<T extends object>(
  partitions: Iterable<TopicPartition>,
  of: (partition: TopicPartition) => T,
): { topic: string; partitions: ({ partition: number } & T)[] }[] {
  const topics = new Map<string, ({ partition: number } & T)[]>();
  for (const each of partitions) {
    const entry = { partition: each.partition, ...of(each) };
    const known = topics.get(each.topic);
    if (known === undefined) topics.set(each.topic, [entry]);
    else known.push(entry);
  }
  return [...topics].map(([topic, entries]) => ({ topic, partitions: entries }));
}

interface InGroup {
  readonly groupId: string;
  readonly memberId: string;
}

/** A broker with the requests that kafkajs has and does not declare. */
export interface GroupBroker extends Broker {
  joinGroup(
    request: InGroup & {
      readonly sessionTimeout: number;
      readonly rebalanceTimeout: number;
      readonly groupProtocols: readonly GroupState[];
    },
  ): Promise<{
    readonly generationId: number;
    readonly leaderId: string;
    readonly memberId: string;
    /** Only the leader is told. */
    readonly members: GroupMember[];
  }>;
  syncGroup(
    request: InGroup & {
      readonly generationId: number;
      readonly groupAssignment: readonly GroupMemberAssignment[];
    },
  ): Promise<{ readonly memberAssignment: Buffer }>;
  heartbeat(request: InGroup & { readonly groupGenerationId: number }): Promise<unknown>;
  leaveGroup(request: InGroup): Promise<unknown>;
}

/** A message as kafkajs decodes it. */
export interface RawMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Headers;
  readonly isControlRecord?: boolean;
  /** Of the record batch it came in; messages of before Kafka 0.11 have none. */
  readonly batchContext?: {
    readonly firstOffset: string;
    readonly lastOffsetDelta: number;
    readonly producerId: string;
    readonly inTransaction: boolean;
  };
}

/** By name; a name that came several times has a list. */
export type Headers = { readonly [name: string]: Buffer | null | readonly (Buffer | null)[] };

export interface RawFetched {
  readonly partition: number;
  readonly abortedTransactions?: readonly {
    readonly producerId: string;
    readonly firstOffset: string;
  }[];
  readonly messages: readonly RawMessage[];
}

export interface FetchResponse {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly RawFetched[];
  }[];
}

/** The cluster that a consumer of this client would use; it is not connected yet. */
export function clusterOf(kafka: Kafka, groupId: string): Cluster {
  let found: Cluster | undefined;
  kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    partitionAssigners: [
      ({ cluster }) => {
        found = cluster;
        return { name: '', version: 0, assign: async () => [], protocol: () => NO_STATE };
      },
    ],
  });
  if (found === undefined) throw new Error(`kafkajs ${CHANGED}`);
  return found;
}

/** The coordinator of a group. */
export async function coordinatorOf(cluster: Cluster, groupId: string): Promise<GroupBroker> {
  const broker = await cluster.findGroupCoordinator({ groupId });
  if (isGroupBroker(broker)) return broker;
  throw new Error(`kafkajs ${CHANGED}`);
}

const isGroupBroker = (broker: Broker): broker is GroupBroker =>
  ['joinGroup', 'syncGroup', 'heartbeat', 'leaveGroup'].every((name) => name in broker);

const NO_STATE = { name: '', metadata: Buffer.alloc(0) };
const CHANGED = 'is not the version that clients/kafka was written for. Install kafkajs 2.2.4.';

/** What the protocol calls an error, e.g. `REBALANCE_IN_PROGRESS`; else its name. kafkajs wraps errors in errors. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return 'Error';
  if ('type' in error && typeof error.type === 'string') return error.type;
  return error.cause instanceof Error ? errorType(error.cause) : error.name;
}
