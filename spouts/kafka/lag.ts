/**
 * How far a task is behind, per partition: messages between what is committed and the end.
 *
 * @module
 */
import { partitionNamed, type Offsets } from '../../clients/kafka/consumer/consumer.js';
import type { Gauge } from '../../topology/dsl/context.js';
import type { SpoutContext } from '../../topology/dsl/spout.js';

const PERIOD_MS = 5000;

export class Lag {
  readonly #context: SpoutContext;
  /** By partition name: all before it is done. */
  readonly #done = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  /** @param endOffsets of the partitions that the task has */
  constructor(context: SpoutContext, endOffsets: () => Promise<Offsets>) {
    this.#context = context;
    this.#timer = setInterval(() => {
      // Without an answer the last figures stand; the consumer has said that brokers do not answer.
      endOffsets().then(
        (ends) => this.#show(ends),
        () => {},
      );
    }, PERIOD_MS).unref();
  }

  begin(partitions: Offsets): void {
    for (const [name, offset] of partitions) this.#done.set(name, offset);
  }

  done(positions: Offsets): void {
    for (const [name, offset] of positions) if (this.#done.has(name)) this.#done.set(name, offset);
  }

  /** Their next owner shows them. */
  end(partitions: readonly string[]): void {
    for (const name of partitions) {
      if (this.#done.delete(name)) this.#gauge(name).remove();
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #show(ends: Offsets): void {
    for (const [name, end] of ends) {
      const done = this.#done.get(name);
      if (done !== undefined) this.#gauge(name).set(Math.max(0, end - done));
    }
  }

  #gauge(name: string): Gauge {
    const { topic, partition } = partitionNamed(name);
    return this.#context.gauge('kafka_lag_messages', 'Messages behind the end of the partition.', {
      topic,
      partition: String(partition),
    });
  }
}
