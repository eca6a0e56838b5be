/**
 * An entrance: a source of messages.
 *
 * The runtime asks a task for batches and keeps each until every message of it is settled, so any
 * source can be replayed, also one that cannot be asked again. Progress is a position per
 * partition: what lies before the committed position is done for good.
 *
 * @module
 */
import type { Emit } from '../rows/row.js';
import type { Schema } from '../rows/schema.js';
import type { Context } from './context.js';
import type { RawLine } from './raw-line.js';
import type { Receiver, ReceiverContext } from './receiver.js';

export interface Spout<out T extends object> {
  readonly kind: string;
  readonly emits: Schema<T>;
  readonly parameters?: { readonly [name: string]: unknown };
  /** How many tasks unless the topology says; by default one per worker. */
  readonly tasks?: number;
  /**
   * Divides the source among `tasks`. Called once per start of a run, in the coordinator, with the
   * positions that earlier runs committed. What it returns for a task (plain JSON) comes back as `context.assignment`.
   * @throws Error with a message for the user when the source cannot be read
   */
  readonly assign?: (
    tasks: number,
    committed: Positions,
  ) => Promise<readonly unknown[]> | readonly unknown[];
  readonly open: (context: SpoutContext) => AnySpoutTask | Promise<AnySpoutTask>;
  /**
   * Receives what cannot be asked for again, in a process of its own, and journals it; the spout's one task reads the
   * journal (give `tasks: 1`). The process is started again when it dies.
   */
  readonly receive?: (context: ReceiverContext) => Receiver | Promise<Receiver>;
  /**
   * A message that was kept as a dead letter, as a batch of its own, equal to what was emitted the first time. Without it
   * `squall dlq replay` refuses the letters of this spout. Called without the source, which may be gone.
   * @throws Error when `besides` is not what its batches give
   */
  readonly revive?: (message: KeptMessage) => Batch<never>;
}

/** What is kept of a message that was given up. */
export interface KeptMessage {
  readonly partition: string;
  readonly position: number;
  readonly raw: Uint8Array;
  /** From `Batch.besides`. */
  readonly besides: unknown;
}

/** A task as the runtime sees it. */
export type AnySpoutTask = SpoutTask<never>;

/** Where each partition goes on. */
export type Positions = ReadonlyMap<string, number>;

export interface SpoutContext extends Context {
  /** This task's share, from `assign`. */
  readonly assignment: unknown;
  /** What this task has committed, in this run and earlier ones: it starts again from there. */
  readonly committed: Positions;
  /** Makes the runtime call `poll` again soon, after an 'idle'. */
  wake(): void;
  /**
   * For a partition that is about to be another's: nothing more of it is emitted from the call on, replays and the rest of
   * its batches neither. Resolves when what was in flight is settled, at most after `timeoutMs`, and stored as committed;
   * `committed` was told by then. What was not settled is forgotten: the next owner emits it again, so it no longer
   * counts here and its memory is released. From then on, a batch of the partition begins it anew.
   */
  revoke(partition: string, timeoutMs: number): Promise<void>;
  /**
   * What this spout's `receive` journals. Call it once.
   * @param options.maxAgeMs lines that have waited longer are dropped, counted and said
   */
  journal(options: { readonly maxAgeMs: number }): Promise<LineJournal>;
}

/** A journal as its spout's task reads it: may itself be the task. */
export interface LineJournal {
  /** The next lines, those first that were not acked before a restart; 'idle' when there are none. Positions are bytes. */
  poll(): Batch<RawLine> | 'idle';
  release(batch: Batch<RawLine>): void;
  committed(positions: Positions): void;
  close(): void;
}

export interface SpoutTask<T extends object> {
  /** The next batch at hand; 'idle' when there is none now (asked again after `wake` or 100 ms); 'done' at the end. */
  poll(): Batch<T> | 'idle' | 'done' | Promise<Batch<T> | 'idle' | 'done'>;
  /** Every message of the batch is settled: its memory may be used again. */
  release?(batch: Batch<T>): void;
  /** All before these positions is done for good, and durably noted. For a source that keeps positions of its own. */
  committed?(positions: Positions): void;
  /** Begun once everything is settled, and `committed` was told. */
  close?(): void | Promise<void>;
}

/** Messages that came together. Message i is [0, count). */
export interface Batch<T extends object> {
  /** What positions are counted in, e.g. a file. Batches of one partition come in order. */
  readonly partition: string;
  readonly count: number;
  /** The position to go on from after message i; ever growing within a partition. */
  positionAfter(i: number): number;
  /** Emits message i. Called again for a replay. */
  emit(i: number, emit: Emit<T>): void;
  /** The bytes of message i as they came, for a dead letter; valid until `release`. */
  raw(i: number): Uint8Array;
  /** Where message i came from, as plain JSON, e.g. `{ file, offset }`. It is shown to operators: never a value of the message. */
  origin(i: number): unknown;
  /** What `Spout.revive` needs of message i beside its bytes, as plain JSON. Kept encrypted, as they are. */
  besides?(i: number): unknown;
  /** Why message i must not be emitted at all, e.g. a line too long: it becomes a dead letter. */
  rejected?(i: number): string | undefined;
  /** Message i as a batch of its own, so that this one can be released while the message waits for its replay. */
  extract(i: number): Batch<T>;
}

/** What `spout` takes. */
export interface SpoutSpec<T extends object> extends Omit<Spout<T>, 'open' | 'revive'> {
  readonly open: (context: SpoutContext) => SpoutTask<T> | Promise<SpoutTask<T>>;
  readonly revive?: (message: KeptMessage) => Batch<T>;
}

/** Declares a spout. For lines, fill a `LineBatch`. */
export const spout = <T extends object>(spec: SpoutSpec<T>): Spout<T> =>
  spec as unknown as Spout<T>;
