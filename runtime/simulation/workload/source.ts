/** A source that is asked for messages by number, in several partitions for each task. @module */
import { spout, type Batch, type Spout } from '../../../topology/dsl/spout.js';
import type { Emit } from '../../../topology/rows/row.js';
import { atOf, bodyOf, idOf, keyOf, Message } from './message.js';
import { stage } from './stage.js';

const BATCH_MAX = 12;

export const partitionsOf = (task: number): string[] => [`p${task}`, `q${task}`];

export const source = (tasks?: number): Spout<Message> =>
  spout<Message>({
    kind: 'numbered',
    emits: Message,
    ...(tasks !== undefined && { tasks }),
    open({ committed, task, worker }) {
      const { chance, limits, gapMs, nowMs, oracle, processOf } = stage();
      const via = `in-${task} of ${processOf(worker).name}`;
      const next = new Map(partitionsOf(task).map((each) => [each, committed.get(each) ?? 0]));
      let nth = 0;
      const poll = (): Numbers | 'idle' => {
        const there = [...next].filter(([partition, n]) => n < available(partition));
        if (there.length === 0) return 'idle';
        const [partition, first] = chance.pick(there);
        const count = Math.min(available(partition) - first, chance.int(1, BATCH_MAX));
        next.set(partition, first + count);
        for (let n = first; n < first + count; n++) oracle.issued(partition, n);
        return new Numbers(partition, first, count, via, () => nth++);
      };
      const available = (partition: string): number =>
        Math.min(limits.get(partition)!, Math.floor(nowMs() / gapMs) + 1);
      return {
        // Some sources have to ask somebody.
        poll: () => (chance.is(0.8) ? poll() : Promise.resolve().then(poll)),
        release: (batch) => (batch as Numbers).release(),
      };
    },
  });

class Numbers implements Batch<Message> {
  readonly partition: string;
  readonly count: number;
  readonly #first: number;
  readonly #via: string;
  readonly #nth: () => number;
  #released = false;

  constructor(partition: string, first: number, count: number, via: string, nth: () => number) {
    this.partition = partition;
    this.count = count;
    this.#first = first;
    this.#via = via;
    this.#nth = nth;
  }

  release(): void {
    if (this.#released) stage().oracle.broken('a batch was released twice');
    this.#released = true;
  }

  positionAfter(i: number): number {
    return this.#at(i) + 1;
  }

  emit(i: number, emit: Emit<Message>): void {
    const { partition } = this;
    const n = this.#at(i);
    stage().oracle.emitted(partition, n);
    emit({
      partition,
      n,
      key: keyOf(partition, n),
      body: bodyOf(partition, n, stage().bodyLength),
      at: atOf(n),
      via: this.#via,
      nth: this.#nth(),
    });
  }

  raw(i: number): Uint8Array {
    return Buffer.from(idOf(this.partition, this.#at(i)));
  }

  origin(i: number): { n: number } {
    return { n: this.#at(i) };
  }

  extract(i: number): Numbers {
    return new Numbers(this.partition, this.#at(i), 1, this.#via, this.#nth);
  }

  #at(i: number): number {
    if (this.#released) stage().oracle.broken('a batch was read after its memory was given back');
    return this.#first + i;
  }
}
