/**
 * Which file it is, whatever its name: device and inode, and a generation, because both outlive
 * their content. A file that was cut back and filled again, or an inode that a new file got, is
 * another generation: its old positions say nothing about it.
 *
 * A partition is named
 *
 *     <device>:<inode>:<generation>.<length>.<hash>:<start>-<end>
 *
 * The hash is over the first `length` bytes (at most 1 KiB) that the generation had when it was
 * first read; as long as they are the same, and no shorter than what was committed, it goes on.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { Positions } from '../../topology/dsl/spout.js';
import { readAt, type OpenFile } from './read-at.js';
import { rangeName, type Done, type Range } from './ranges.js';

export interface Identity {
  /** `<device>:<inode>:<generation>.<length>.<hash>` */
  readonly name: string;
  /** `source` of its rows: `<device>:<inode>`, and the generation unless it is the first. */
  readonly source: string;
  readonly generation: number;
  readonly head: Buffer;
  readonly done: readonly Done[];
}

/** What a partition's name and position say. */
export interface Commit extends Done {
  readonly generation: number;
  readonly length: number;
  readonly hash: string;
}

/** Commits by `<device>:<inode>`. */
export type Commits = ReadonlyMap<string, readonly Commit[]>;

export const idOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`;

export const partitionOf = (name: string, range: Range): string => `${name}:${rangeName(range)}`;

/** Reads partitions' names; those of other kinds of sources are left out. */
export function commitsOf(positions: Positions): Commits {
  const commits = new Map<string, Commit[]>();
  for (const [partition, end] of positions) {
    const [, id, generation, length, hash, start] = PARTITION.exec(partition) ?? [];
    if (id === undefined) continue;
    const commit = {
      generation: Number(generation),
      length: Number(length),
      hash: hash!,
      start: Number(start),
      end,
    };
    commits.set(id, [...(commits.get(id) ?? []), commit]);
  }
  return commits;
}

/**
 * Says whether the file goes on with its last generation or begins a new one.
 *
 * @param size of the file, to tell that it was cut back; Infinity when positions count other bytes than the file's
 * @param after the generation that it was in this run, and is known to have left
 */
export function identify(
  file: OpenFile,
  id: string,
  commits: readonly Commit[],
  size: number,
  after = -1,
): Identity {
  const last = commits.reduce((max, { generation }) => Math.max(max, generation), after);
  const done = last > after ? commits.filter(({ generation }) => generation === last) : [];
  if (done.length > 0 && done.every(({ end }) => end <= size)) {
    const head = readHead(file, done[0]!.length);
    if (hashOf(head) === done[0]!.hash) return identity(id, last, head, done);
  }
  return identity(id, last + 1, readHead(file, HEAD_BYTES), []);
}

/** The first bytes of a file, at most `length`. */
export function readHead(file: OpenFile, length: number): Buffer {
  const head = Buffer.alloc(length);
  return head.subarray(0, readAt(file, head, length, 0));
}

function identity(id: string, generation: number, head: Buffer, done: readonly Done[]): Identity {
  const name = `${id}:${generation}.${head.length}.${hashOf(head)}`;
  return { name, source: generation === 0 ? id : `${id}:${generation}`, generation, head, done };
}

const hashOf = (head: Buffer): string =>
  createHash('sha256').update(head).digest('hex').slice(0, 8);

const PARTITION = /^(\d+:\d+):(\d+)\.(\d+)\.([0-9a-f]{8}):(\d+)-\d*$/;
const HEAD_BYTES = 1024;
