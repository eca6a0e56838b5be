/**
 * Which offsets there are, and where to begin.
 *
 * @module
 */
import type { Cluster } from 'kafkajs';
import { byTopic, partitionName, type TopicPartition } from './kafkajs-parts.js';

/** Offsets to begin at, by topic and partition; what is not named begins at the earliest. */
export type StartOffsets = { readonly [topic: string]: { readonly [partition: number]: number } };

/** Where a partition begins of which the group has committed nothing. A Date: at the first message that is not older. */
export type StartAt = 'earliest' | 'latest' | Date | StartOffsets;

/** By partition name. */
export type Offsets = ReadonlyMap<string, number>;

export async function startOffsets(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  from: StartAt,
): Promise<Offsets> {
  if (from === 'earliest' || from === 'latest') return edgeOffsets(cluster, partitions, from);
  if (from instanceof Date) return offsetsAt(cluster, partitions, from);
  const earliest = await edgeOffsets(cluster, partitions, 'earliest');
  return new Map(
    partitions.map((each) => {
      const name = partitionName(each);
      return [name, from[each.topic]?.[each.partition] ?? earliest.get(name)!];
    }),
  );
}

/** The first offset that there is, or the one that the next committed message will get. */
export const edgeOffsets = (
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  edge: 'earliest' | 'latest',
): Promise<Offsets> => listOffsets(cluster, partitions, { fromBeginning: edge === 'earliest' });

async function offsetsAt(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  date: Date,
): Promise<Offsets> {
  const found = await listOffsets(cluster, partitions, { fromTimestamp: date.getTime() });
  const latest = await edgeOffsets(cluster, partitions, 'latest');
  // -1: every message is older.
  return new Map(
    [...found].map(([name, offset]) => [name, offset < 0 ? latest.get(name)! : offset]),
  );
}

async function listOffsets(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  which: { fromBeginning: boolean } | { fromTimestamp: number },
): Promise<Offsets> {
  const topics = byTopic(partitions, () => ({})).map((topic) => ({ ...topic, ...which }));
  const found = await cluster.fetchTopicsOffset(topics as never);
  const offsets = found.flatMap(({ topic, partitions: each }) =>
    each.map(({ partition, offset }): [string, number] => [
      partitionName({ topic, partition }),
      Number(offset),
    ]),
  );
  return new Map(offsets);
}
