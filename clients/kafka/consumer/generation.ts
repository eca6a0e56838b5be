/**
 * A member's share in one generation of its group: from having joined until all is given back.
 *
 * @module
 */
import type { Cluster } from 'kafkajs';
import { Commits } from './commits.js';
import { Fetcher, type Fetched } from './fetcher.js';
import { Heart } from './heart.js';
import type { Membership, Share } from './membership.js';
import { edgeOffsets, startOffsets, type Offsets } from './offsets.js';
import { partitionName, type TopicPartition } from './kafkajs-parts.js';
import type { ConsumerEvents, ConsumerOptions } from './port.js';

/** What a generation needs of its consumer. */
export interface Surroundings {
  readonly cluster: Cluster;
  readonly membership: Membership;
  readonly options: ConsumerOptions;
  readonly events: ConsumerEvents;
  /** A request of this kind was answered. */
  answered(what: string): void;
  /** It was not, and is sent again. */
  troubled(what: string, error: unknown): void;
  /** The consumer cannot go on. */
  fail(message: string): void;
}

export class Generation {
  readonly #around: Surroundings;
  readonly #partitions: readonly TopicPartition[];
  readonly #heart: Heart;
  readonly #commits: Commits;
  #fetcher: Fetcher | null = null;

  /** Heartbeats begin. */
  constructor(around: Surroundings, { identity, partitions }: Share) {
    const { membership, options } = around;
    this.#around = around;
    this.#partitions = partitions;
    this.#commits = new Commits(membership, identity);
    this.#heart = new Heart(membership, identity, options.sessionTimeoutMs, {
      beat: () => {
        around.answered('heartbeat');
        // What could not be committed.
        this.#send();
      },
      troubled: (error) => around.troubled('heartbeat', error),
    });
  }

  /** Resolves when all has to be given back. */
  get stirred(): Promise<void> {
    return this.#heart.stirred;
  }

  /** Goes on where the group is, or begins where it is told to. */
  async begin(): Promise<void> {
    const { membership, cluster, options, events } = this.#around;
    const committed = await membership.committed(this.#partitions);
    const fresh = this.#partitions.filter((each) => !committed.has(partitionName(each)));
    const begun = await startOffsets(cluster, fresh, options.from);
    // Noted at once: found anew by the next owner, the end would be another one, and what came between would be lost.
    this.commit(begun);
    const from = new Map([...committed, ...begun]);
    this.#fetcher = new Fetcher(cluster, from, this.#partitions, {
      ready: () => events.ready(),
      answered: () => this.#around.answered('fetch'),
      troubled: (error) => this.#around.troubled('fetch', error),
      outOfRange: (partition, offset) => this.#outOfRange(partition, offset),
    });
    events.assigned(from);
  }

  poll(): Fetched | undefined {
    return this.#fetcher?.poll();
  }

  commit(offsets: Offsets): void {
    this.#commits.add(offsets);
    this.#send();
  }

  async endOffsets(): Promise<Offsets> {
    if (this.#partitions.length === 0) return new Map();
    return edgeOffsets(this.#around.cluster, this.#partitions, 'latest');
  }

  /** Has what is in flight finish, and commits, before the heart stops. */
  async end(): Promise<void> {
    if (this.#fetcher !== null) {
      this.#fetcher.stop();
      const { events } = this.#around;
      await events.revoked(this.#partitions.map(partitionName), this.#heart.lost);
      if (!this.#heart.lost && !(await this.#commits.last())) events.notice(DONE_TWICE);
    }
    await this.#heart.stop();
  }

  #send(): void {
    this.#commits.send().then(
      () => this.#around.answered('commit'),
      (error: unknown) => this.#around.troubled('commit', error),
    );
  }

  /** Where to go on with a partition; the same offset if it is there after all. Says how much is lost by that. */
  async #outOfRange(partition: TopicPartition, offset: number): Promise<number> {
    const name = partitionName(partition);
    const { cluster, options, events } = this.#around;
    const first = (await edgeOffsets(cluster, [partition], 'earliest')).get(name)!;
    const end = (await edgeOffsets(cluster, [partition], 'latest')).get(name)!;
    if (offset >= first && offset <= end) return offset;
    const range = `the next offset of ${name}, ${offset}, is out of range: the broker has ${first} to ${end}`;
    if (options.outOfRange === 'fail') {
      this.#around.fail(`${range}. ${HOW_TO_GO_ON}`);
      return offset;
    }
    // What is in flight has offsets of before: none of them may be committed after the new one.
    await events.revoked([name], false);
    if (this.#fetcher?.stopped !== false) return offset;
    const next = options.outOfRange === 'earliest' ? first : end;
    this.commit(new Map([[name, next]]));
    events.assigned(new Map([[name, next]]));
    const skipped = Math.max(0, next - offset);
    events.skipped(partition, skipped);
    events.notice(`Kafka: ${range}. Goes on at ${next}: ${skipped} messages were skipped.`);
    return next;
  }
}

const DONE_TWICE =
  'Kafka: not all that is done could be committed before the partitions were given back: some of it is done twice.';
const HOW_TO_GO_ON =
  "What lay between is gone. Set outOfRange to 'earliest' or 'latest' to go on without it, or reset the group's offset.";
