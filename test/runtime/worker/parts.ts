/** Parts of small topologies whose every step a test decides. @module */
import { bolt, type Bolt } from '../../../topology/dsl/bolt.js';
import type { BoltContext } from '../../../topology/dsl/context.js';
import { sink, type Refusals, type Sink } from '../../../topology/dsl/sink.js';
import {
  spout,
  type Batch,
  type Positions,
  type Spout,
  type SpoutContext,
} from '../../../topology/dsl/spout.js';
import type { TopologyBuilder } from '../../../topology/dsl/topology.js';
import { int } from '../../../topology/rows/field.js';
import type { Emit, Row } from '../../../topology/rows/row.js';
import { schema } from '../../../topology/rows/schema.js';
import { rowsSpout } from '../../../runtime/testing/rows-spout.js';

export interface Numbered {
  readonly n: number;
}
export const Numbered = schema<Numbered>('numbered', { n: int() });
export type Out = { readonly out: Numbered };

/** Messages 0 to count - 1. */
export const numbers = (count: number): Spout<Numbered> =>
  rowsSpout(
    Numbered,
    Array.from({ length: count }, (_, n) => ({ n })),
  ) as Spout<Numbered>;

/** A promise and the two ways to end it. */
export class Deferred {
  readonly promise: Promise<void>;
  resolve!: () => void;
  reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** A sink that keeps numbers. */
export class Store {
  /** In the order they came, also again. */
  readonly written: number[] = [];
  /** What one flush after the other does; without one, or after the last, it stores at once. */
  flushes: (() => Promise<void | Refusals>)[] = [];
  flushed = 0;
  closed = false;
  /** Instead of writing. */
  write: ((n: number) => number | void | Promise<void>) | null = null;

  sink({ flush = true } = {}): Sink<{ n: number }> {
    return sink<{ n: number }>({
      kind: 'store',
      open: () => ({
        write: (row) => {
          const { n } = row;
          this.written.push(n);
          return this.write?.(n);
        },
        ...(flush && {
          flush: async () => {
            this.flushed++;
            return this.flushes.shift()?.();
          },
        }),
        close: async () => void (this.closed = true),
        outputs: () => ['stored'],
      }),
    });
  }
}

/** `in -> bolt -> store`. */
export const chain =
  (spout: Spout<Numbered>, middle: Bolt<Numbered, Out>, store: Store) =>
  (t: TopologyBuilder): void => {
    const numbers = t.spout('in', spout);
    const { out } = t.bolt('bolt', middle, { from: numbers.shuffle() });
    t.sink('store', store.sink(), { from: out.shuffle() });
  };

/** A bolt of one output stream, `out`. */
export const stepping = (
  process: (row: Row<Numbered>, emit: { readonly out: Passing }) => void,
): Bolt<Numbered, Out> =>
  bolt<Numbered, Out>({ reads: Numbered, emits: { out: Numbered }, process });

/** The same, opened with its context. */
export const opening = (
  open: (
    context: BoltContext<Out>,
  ) => (row: Row<Numbered>, emit: { readonly out: Passing }) => void,
): Bolt<Numbered, Out> =>
  bolt<Numbered, Out>({
    reads: Numbered,
    emits: { out: Numbered },
    open: (context) => ({ process: open(context) }),
  });

/** A bolt that keeps its rows. */
export const awaiting = (
  process: (row: { n: number }, emit: { readonly out: Passing }) => void | Promise<void>,
): Bolt<Numbered, Out> =>
  bolt<Numbered, Out>({ reads: Numbered, emits: { out: Numbered }, keeps: true, process });

type Passing = (row: { n: number }) => void;

/** An error that quotes a value, as errors do. */
export const canary = 'value 192.0.2.77';

type Polled = Batch<Numbered> | 'idle' | 'done';

/** A spout whose source the test fills. */
export class Source {
  /** First numbers of batches, in the order they were released. */
  readonly released: number[] = [];
  polls = 0;
  closed = false;
  /** Answers instead of the batches, one poll after the other. */
  answers: (() => Polled | Promise<Polled>)[] = [];
  wake: () => void = () => {};
  revoke: SpoutContext['revoke'] = async () => {};
  /** Every position it was told of, as `partition position`, in order. */
  readonly told: string[] = [];
  #next = 0;
  #batches: Polled[] = [];

  /** One more batch, of the numbers that follow. */
  push(count: number, partition = 'p'): void {
    this.#batches.push(this.batch(this.#next, count, partition));
    this.#next += count;
  }

  end(): void {
    this.#batches.push('done');
    this.wake();
  }

  readonly spout: Spout<Numbered> = spout<Numbered>({
    kind: 'source',
    emits: Numbered,
    tasks: 1,
    open: ({ wake, revoke }) => {
      this.wake = wake;
      this.revoke = revoke;
      return {
        poll: () => {
          this.polls++;
          const answer = this.answers.shift();
          return answer === undefined ? (this.#batches.shift() ?? 'idle') : answer();
        },
        release: (batch) => void this.released.push((batch as NumberBatch).first),
        committed: (positions: Positions) =>
          void this.told.push(...[...positions].map((position) => position.join(' '))),
        close: () => void (this.closed = true),
      };
    },
  });

  batch(first: number, count: number, partition = 'p'): Batch<Numbered> {
    return new NumberBatch(first, count, partition);
  }
}

class NumberBatch implements Batch<Numbered> {
  readonly partition: string;
  readonly first: number;
  readonly count: number;

  constructor(first: number, count: number, partition: string) {
    this.first = first;
    this.count = count;
    this.partition = partition;
  }

  positionAfter = (i: number): number => this.first + i + 1;
  emit = (i: number, emit: Emit<Numbered>): void => emit({ n: this.first + i });
  raw = (i: number): Uint8Array => Buffer.from(`raw ${this.first + i}`);
  origin = (i: number): object => ({ number: this.first + i });
  extract = (i: number): NumberBatch => new NumberBatch(this.first + i, 1, this.partition);
}

export const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
