/**
 * Whether a group may be read, and begin where it is told to: asked before anything starts.
 *
 * @module
 */
import type { Cluster } from 'kafkajs';
import { kafkaOf } from '../connection.js';
import { clusterOf, coordinatorOf, errorType } from './kafkajs-parts.js';
import type { StartAt } from './offsets.js';
import type { ConsumerOptions } from './port.js';

/** Whether brokers answer at all was looked at before. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 500, retries: 1 };

/**
 * Brokers that cannot tell now are waited for later.
 * @throws Error when this client may not read the group, or `from` has a partition that a topic does not have
 */
export async function checkStart(options: ConsumerOptions): Promise<void> {
  const { connection, group, topics, from } = options;
  const cluster = clusterOf(
    kafkaOf(connection, () => {}, RETRY),
    group,
  );
  try {
    await cluster.connect();
    if (!(topics instanceof RegExp)) await checkPartitions(cluster, topics, from);
    await checkGroup(cluster, group);
  } finally {
    await cluster.disconnect();
  }
}

async function checkPartitions(
  cluster: Cluster,
  topics: readonly string[],
  from: StartAt,
): Promise<void> {
  if (typeof from === 'string' || from instanceof Date) return;
  await cluster.addMultipleTargetTopics([...topics]);
  for (const [topic, offsets] of Object.entries(from)) {
    const known = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
    const missing = Object.keys(offsets).find((partition) => !known.includes(Number(partition)));
    if (missing !== undefined)
      throw new Error(
        `from has an offset for partition ${missing} of "${topic}", which has ${known.length} partitions, counted from 0. Correct it.`,
      );
  }
}

/** A beat of nobody changes nothing, and needs the right that joining needs. */
async function checkGroup(cluster: Cluster, groupId: string): Promise<void> {
  try {
    const coordinator = await coordinatorOf(cluster, groupId);
    await coordinator.heartbeat({ groupId, memberId: 'nobody', groupGenerationId: 0 });
  } catch (error) {
    if (errorType(error) !== 'GROUP_AUTHORIZATION_FAILED') return;
    throw new Error(
      `The group "${groupId}" may not be read. Give this client the right READ on the group, or name another one.`,
      { cause: error },
    );
  }
}
