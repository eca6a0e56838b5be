/**
 * Runs one task of a spout: emits its batches, replays what failed, gives up what cannot be done, and
 * commits, per partition, how far everything is settled.
 *
 * @module
 */
import type { Batch, AnySpoutTask, Spout } from '../../topology/dsl/spout.js';
import { arena } from '../../topology/rows/arena.js';
import { emitter, type Emitter } from '../../topology/rows/emitter.js';
import type { Failure } from '../ledger/failure.js';
import type { Settler } from '../ledger/ledger.js';
import type { Timer } from '../clock.js';
import { durably } from '../state/durably.js';
import type { Core } from './core.js';
import type { Accept } from './delivery.js';
import { failureOf, faultText } from './fault.js';
import { GroupCommit } from './group-commit.js';
import type { CommitPort } from './ports.js';

/** Messages per turn before the spouts of the worker change and the sockets are looked after: about 1 ms. */
const TURN_MESSAGES = 512;
const POLL_DELAY_MS = 100;
const REPLAY_DELAY_MS = 100;
const REPLAY_DELAY_MS_MAX = 10_000;

type AnyBatch = Batch<never>;

/** A batch and what became of its messages. */
interface Tracked {
  readonly batch: AnyBatch;
  readonly partition: Partition;
  /** Per message: 0 open, 1 acked, 2 a dead letter. */
  readonly ends: Uint8Array;
  /** Messages whose bytes this batch must still hold. */
  held: number;
  /** The first message that is open. */
  next: number;
}

interface Partition {
  readonly name: string;
  readonly batches: Tracked[];
  position: number;
}

/** A message that waits for its next attempt, with bytes of its own. */
interface Replay {
  readonly tracked: Tracked;
  readonly index: number;
  readonly single: AnyBatch;
  readonly attempts: number;
  readonly dueMs: number;
}

export class SpoutRunner implements Settler {
  readonly #core: Core;
  readonly #component: number;
  readonly #name: string;
  readonly #task: AnySpoutTask;
  readonly #emit: Emitter;
  readonly #log: CommitPort;
  readonly #partitions = new Map<string, Partition>();
  readonly #moved = new Set<Partition>();
  #current: Tracked | null = null;
  #index = 0;
  #replays: Replay[] = [];
  #polling = false;
  /** Set while the source has nothing; the next poll waits for it or for `wake`. */
  #pollTimer: Timer | null = null;
  #replayTimer: Timer | null = null;
  #done = false;
  #stopped = false;
  /** Messages emitted or given up that are not settled yet. */
  #open = 0;
  #dying: { tracked: Tracked; index: number }[] = [];
  readonly #deaths: GroupCommit;
  readonly #commits: GroupCommit;
  #prefixAcked: number;
  #prefixDead: number;

  constructor(core: Core, component: number, spout: Spout<object>, task: AnySpoutTask, log: CommitPort, deliver: Accept) {
    this.#core = core;
    this.#component = component;
    this.#name = core.nameOf(component);
    this.#task = task;
    this.#log = log;
    this.#emit = emitter(this.#name, spout.emits, deliver);
    const { counters, ports } = core;
    this.#prefixAcked = log.counters.acked;
    this.#prefixDead = log.counters.deadLetters;
    counters.emitted[component]! += log.counters.emitted;
    counters.acked[component]! += log.counters.acked;
    counters.deadLetters[component]! += log.counters.deadLetters;
    this.#deaths = new GroupCommit(ports.clock, () => this.#bury());
    this.#commits = new GroupCommit(ports.clock, () => this.#commit());
  }

  /** No message is open, and none is coming. */
  get finished(): boolean {
    return (this.#done || this.#stopped) && this.#open === 0 && this.#commits.idle;
  }

  /** Whether it only waits for what is under way. */
  get exhausted(): boolean {
    return this.#done || this.#stopped;
  }

  /** Begins no new message; what is under way, also replays, goes on. */
  stop(): void {
    this.#stopped = true;
    this.#abandonRest();
  }

  /** The source may have something. */
  wake(): void {
    this.#pollTimer?.cancel();
    this.#pollTimer = null;
    this.#core.wake();
  }

  /** Stores at once what waits for its group commit. */
  hurry(): void {
    this.#deaths.now();
    this.#commits.now();
  }

  async close(): Promise<void> {
    this.#pollTimer?.cancel();
    this.#replayTimer?.cancel();
    await this.#deaths.settled();
    await this.#commits.settled();
    await this.#task.close?.();
  }

  /** Emits up to one turn's messages while there is `room`. True when there is more to do now. */
  step(room: () => number): boolean {
    let left = Math.min(TURN_MESSAGES, room());
    left = this.#stepReplays(left);
    while (left > 0 && !this.#stopped) {
      const current = this.#current;
      if (current === null) {
        if (!this.#poll()) return false;
        continue;
      }
      const end = Math.min(current.batch.count, this.#index + left);
      left -= end - this.#index;
      for (let i = this.#index; i < end; i++) this.#first(current, i);
      this.#index = end;
      if (end === current.batch.count) this.#current = null;
    }
    return left === 0 && !this.#stopped;
  }

  settled(message: unknown, index: number, failure: Failure | null, openedAtMs: number): void {
    const { counters, nowMs } = this.#core;
    const replay = index < 0 ? (message as Replay) : null;
    const tracked = replay === null ? (message as Tracked) : replay.tracked;
    const i = replay === null ? index : replay.index;
    if (failure === null) {
      counters.latency[this.#component]!.addMs(nowMs - openedAtMs);
      counters.acked[this.#component]!++;
      this.#settle(tracked, i, 1, replay === null);
    } else {
      counters.failed[this.#component]!++;
      this.#failed(tracked, i, replay?.single ?? null, (replay?.attempts ?? 0) + 1, failure);
    }
    if (this.#core.ledger.pending === 0 || this.#stopped) this.#core.wake();
  }

  #first(tracked: Tracked, i: number): void {
    this.#core.counters.emitted[this.#component]!++;
    this.#open++;
    const reason = tracked.batch.rejected?.(i);
    if (reason === undefined) this.#attempt(tracked, i, tracked.batch, i);
    else this.#giveUp(tracked, i, tracked.batch, i, 1, { kind: 'rejected', component: this.#name, reason }, true);
  }

  /** One visit of message `i` of `batch`. The ledger has a slot: `room` said so. */
  #attempt(message: Tracked | Replay, index: number, batch: AnyBatch, i: number): void {
    const { ledger, visit, options, nowMs, acks, counters } = this.#core;
    counters.executed[this.#component]!++;
    const slot = ledger.open(this, message, index, nowMs);
    arena.reset();
    visit.begin(options.worker, slot, ledger.generation(slot), ledger.high, ledger.low);
    visit.component = this.#component;
    try {
      batch.emit(i, this.#emit as never);
    } catch (error) {
      visit.failure ??= failureOf(this.#name, error);
      this.#core.ports.notice(this.#name, faultText(error));
    }
    if (options.acking) return visit.end();
    acks.ack(visit.worker, slot, visit.generation, ledger.high, ledger.low);
    visit.slot = -1;
  }

  #failed(tracked: Tracked, i: number, single: AnyBatch | null, attempts: number, failure: Failure): void {
    const { options, counters, nowMs } = this.#core;
    const again = failure.kind !== 'rejected' && attempts < options.maxAttempts;
    if (!again) return this.#giveUp(tracked, i, single ?? tracked.batch, single === null ? i : 0, attempts, failure, single === null);
    counters.replayed[this.#component]!++;
    const delayMs = Math.min(REPLAY_DELAY_MS * 2 ** (attempts - 1), REPLAY_DELAY_MS_MAX);
    const replay = { tracked, index: i, single: single ?? tracked.batch.extract(i), attempts, dueMs: nowMs + delayMs };
    if (single === null) this.#letGo(tracked);
    this.#replays.push(replay);
    this.#replayLater();
  }

  #stepReplays(left: number): number {
    if (this.#replays.length === 0) return left;
    const { nowMs } = this.#core;
    const due = this.#replays.filter(({ dueMs }) => dueMs <= nowMs).slice(0, left);
    if (due.length === 0) {
      this.#replayLater();
      return left;
    }
    const now = new Set(due);
    this.#replays = this.#replays.filter((replay) => !now.has(replay));
    for (const replay of due) this.#attempt(replay, -1, replay.single, 0);
    return left - due.length;
  }

  #replayLater(): void {
    if (this.#replayTimer !== null || this.#replays.length === 0) return;
    const dueMs = Math.min(...this.#replays.map((replay) => replay.dueMs));
    const delayMs = Math.max(dueMs - this.#core.ports.clock.monotonicMs(), 1);
    this.#replayTimer = this.#core.ports.clock.setTimer(delayMs, () => {
      this.#replayTimer = null;
      this.#core.wake();
    });
  }

  /** To the dead letters; settled when they are durable. */
  #giveUp(tracked: Tracked, i: number, batch: AnyBatch, at: number, attempts: number, failure: Failure, holds: boolean): void {
    const { ports } = this.#core;
    ports.deadLetters.append({
      time: ports.clock.now(),
      reason: failure,
      topology: this.#core.built.plan.name,
      spout: this.#name,
      attempts,
      origin: batch.origin(at),
      partition: batch.partition,
      position: batch.positionAfter(at),
      raw: batch.raw(at),
    });
    if (holds) this.#letGo(tracked);
    this.#dying.push({ tracked, index: i });
    this.#deaths.add(batch.raw(at).length);
  }

  async #bury(): Promise<void> {
    const dying = this.#dying;
    this.#dying = [];
    await this.#durably(() => this.#core.ports.deadLetters.flush());
    this.#core.counters.deadLetters[this.#component]! += dying.length;
    for (const { tracked, index } of dying) this.#settle(tracked, index, 2, false);
    this.#core.wake();
  }

  #settle(tracked: Tracked, i: number, end: 1 | 2, holds: boolean): void {
    this.#open--;
    tracked.ends[i] = end;
    if (holds) this.#letGo(tracked);
    if (i === tracked.next) this.#advance(tracked.partition);
  }

  /** The batch need no longer hold the bytes of one message. */
  #letGo(tracked: Tracked): void {
    if (--tracked.held === 0) this.#task.release?.(tracked.batch as never);
  }

  /** Moves a partition's position over all that is settled without a gap. */
  #advance(partition: Partition): void {
    const { batches } = partition;
    const before = partition.position;
    for (let first = batches[0]; first !== undefined; first = batches[0]) {
      const { ends, batch } = first;
      let { next } = first;
      for (; next < batch.count && ends[next] !== 0; next++) {
        if (ends[next] === 1) this.#prefixAcked++;
        else this.#prefixDead++;
      }
      first.next = next;
      if (next > 0) partition.position = batch.positionAfter(next - 1);
      if (next < batch.count) break;
      batches.shift();
    }
    if (partition.position === before) return;
    this.#moved.add(partition);
    this.#commits.add(0);
  }

  async #commit(): Promise<void> {
    const positions = new Map([...this.#moved].map(({ name, position }) => [name, position]));
    this.#moved.clear();
    const acked = this.#prefixAcked;
    const deadLetters = this.#prefixDead;
    this.#log.commit(positions, { emitted: acked + deadLetters, acked, deadLetters });
    await this.#durably(() => this.#log.flush());
    this.#core.wake();
  }

  #durably(action: () => Promise<void>): Promise<void> {
    const { clock, stalled } = this.#core.ports;
    return durably(action, { clock, onStall: (code) => stalled(code), onResume: () => stalled(null) });
  }

  /** Asks for a batch. True when there is one now. */
  #poll(): boolean {
    if (this.#polling || this.#done || this.#pollTimer !== null) return false;
    const polled = this.#task.poll();
    if (!(polled instanceof Promise)) return this.#take(polled);
    this.#polling = true;
    polled.then(
      (result) => {
        this.#polling = false;
        this.#take(result);
        this.#core.wake();
      },
      (error: unknown) => this.#core.fatal(this.#name, error),
    );
    return false;
  }

  #take(polled: AnyBatch | 'idle' | 'done'): boolean {
    if (polled === 'done') this.#done = true;
    if (polled === 'idle') this.#pollTimer = this.#core.ports.clock.setTimer(POLL_DELAY_MS, () => this.wake());
    if (typeof polled === 'string') return false;
    this.#current = this.#track(polled);
    this.#index = 0;
    if (this.#stopped) this.#abandonRest();
    return this.#current !== null;
  }

  #track(batch: AnyBatch): Tracked {
    let partition = this.#partitions.get(batch.partition);
    if (partition === undefined) this.#partitions.set(batch.partition, (partition = { name: batch.partition, batches: [], position: -1 }));
    const tracked = { batch, partition, ends: new Uint8Array(batch.count), held: batch.count, next: 0 };
    partition.batches.push(tracked);
    return tracked;
  }

  /** What was read but never emitted stays uncommitted: the next run reads it again. */
  #abandonRest(): void {
    this.#current = null;
  }
}
