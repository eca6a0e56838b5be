/**
 * Runs one task of a spout: emits its batches, replays what failed, gives up what cannot be done, and
 * commits, per partition, how far everything is settled.
 *
 * @module
 */
import type { AnySpoutTask, Spout } from '../../topology/dsl/spout.js';
import { arena } from '../../topology/rows/arena.js';
import { emitter, type Emitter } from '../../topology/rows/emitter.js';
import type { Failure } from '../ledger/failure.js';
import type { Identity, MessageId } from '../ledger/identity.js';
import type { Settler } from '../ledger/ledger.js';
import type { Timer } from '../clock.js';
import type { Core } from './core.js';
import type { Verdict } from './condemned.js';
import type { Accept } from './delivery.js';
import { GroupCommit } from './group-commit.js';
import type { CommitPort } from './ports.js';
import { ACKED, DEAD, Progress, type AnyBatch, type Partition, type Tracked } from './progress.js';
import { isPromise } from './promise.js';
import { Replays, type Replay } from './replays.js';

/** Messages per turn before the spouts of the worker change and the sockets are looked after: about 1 ms. */
const TURN_MESSAGES = 512;
const POLL_DELAY_MS = 100;

export class SpoutRunner implements Settler {
  readonly #core: Core;
  readonly #component: number;
  readonly #name: string;
  readonly #task: AnySpoutTask;
  readonly #emit: Emitter;
  readonly #log: CommitPort;
  readonly #progress: Progress;
  #current: Tracked | null = null;
  #index = 0;
  readonly #replays: Replays;
  #polling = false;
  /** Set while the source has nothing; the next poll waits for it or for `wake`. */
  #pollTimer: Timer | null = null;
  #done = false;
  #stopped = false;
  /** Messages emitted or given up that are not settled yet. */
  #open = 0;
  #dying: { tracked: Tracked; index: number }[] = [];
  /** Partitions that are being revoked: nothing of them is emitted. */
  readonly #revoking = new Map<string, Promise<void>>();
  /** Called when the next commit is stored. */
  #stored: (() => void)[] = [];
  readonly #deaths: GroupCommit;
  readonly #commits: GroupCommit;

  constructor(
    core: Core,
    component: number,
    spout: Spout<object>,
    task: AnySpoutTask,
    log: CommitPort,
    deliver: Accept,
  ) {
    this.#core = core;
    this.#component = component;
    this.#name = core.nameOf(component);
    this.#task = task;
    this.#log = log;
    this.#emit = emitter(this.#name, spout.emits, deliver);
    const { counters, ports } = core;
    this.#progress = new Progress(log.counters, (batch) => task.release?.(batch));
    this.#replays = new Replays(ports.clock, () => core.wake());
    counters.emitted[component]! += log.counters.emitted;
    counters.acked[component]! += log.counters.acked;
    counters.deadLetters[component]! += log.counters.deadLetters;
    this.#deaths = new GroupCommit(ports.clock, () => this.#orFatal(this.#bury()));
    this.#commits = new GroupCommit(ports.clock, () => this.#orFatal(this.#commit()));
  }

  /** No message is open, and none is coming. */
  get finished(): boolean {
    return (this.#done || this.#stopped) && this.#open === 0 && this.#commits.idle;
  }

  /** Whether it only waits for what is under way. */
  get exhausted(): boolean {
    return this.#done || this.#stopped;
  }

  /**
   * Begins no new message; what is under way, also replays, goes on. What was read but not emitted
   * stays uncommitted: the next run reads it again.
   */
  stop(): void {
    this.#stopped = true;
  }

  /** Gives a partition up, as `SpoutContext.revoke` says. Asked again meanwhile, it is the same revocation. */
  revoke(name: string, timeoutMs: number): Promise<void> {
    let revoked = this.#revoking.get(name);
    if (revoked === undefined) {
      revoked = this.#revoke(name, timeoutMs).finally(() => this.#revoking.delete(name));
      this.#revoking.set(name, revoked);
    }
    return revoked;
  }

  async #revoke(name: string, timeoutMs: number): Promise<void> {
    const partition = this.#progress.find(name);
    if (partition !== undefined) await this.#emptied(partition, timeoutMs);
    await new Promise<void>((resolve) => this.#commitThen(resolve));
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
    this.#replays.close();
    await this.#deaths.settled();
    await this.#commits.settled();
    await this.#task.close?.();
  }

  /** Emits up to one turn's messages while there is `room`. True when there is more to do now. */
  step(room: () => number): boolean {
    const left = this.#stepReplays(Math.min(TURN_MESSAGES, room()));
    // What waits for a replay or for its burial counts as pending, too, or it would pile up.
    const fresh = Math.min(left, this.#core.options.maxSpoutPending - this.#open);
    let more = fresh;
    while (more > 0 && !this.#stopped) {
      const current = this.#current;
      if (current === null) {
        if (!this.#poll()) return false;
        continue;
      }
      const end = Math.min(current.count, this.#index + more);
      more -= end - this.#index;
      for (let i = this.#index; i < end; i++) this.#first(current, i);
      this.#index = end;
      if (end === current.count) this.#current = null;
    }
    return more === 0 && fresh === left;
  }

  settled(message: unknown, index: number, failure: Failure | null, openedAtMs: number): void {
    const { counters, nowMs } = this.#core;
    const replay = index < 0 ? (message as Replay) : null;
    const tracked = replay === null ? (message as Tracked) : replay.tracked;
    const i = replay === null ? index : replay.index;
    if (tracked.partition.forgotten) this.#core.wake();
    else if (failure === null) {
      counters.latency[this.#component]!.addMs(nowMs - openedAtMs);
      counters.acked[this.#component]!++;
      this.#settle(tracked, i, ACKED);
      if (replay === null) this.#progress.letGo(tracked);
      if (tracked.partition.open === 0) tracked.partition.emptied?.();
    } else {
      counters.fail(this.#component, failure.kind);
      // That a worker died is not held against the messages it had: all but the one that killed it are innocent.
      const attempts = (replay?.attempts ?? 0) + (failure.kind === 'worker-lost' ? 0 : 1);
      this.#failed(tracked, i, replay?.single ?? null, attempts, failure);
    }
    if (this.#core.ledger.pending === 0 || this.#stopped) this.#core.wake();
  }

  identify(message: unknown, index: number): Identity {
    const { tracked, index: i } =
      index < 0 ? (message as Replay) : { tracked: message as Tracked, index };
    return { message: this.#idOf(tracked, i) };
  }

  #idOf({ partition, positionAfter }: Tracked, i: number): MessageId {
    return { spout: this.#name, partition: partition.name, position: positionAfter(i) };
  }

  #condemned(tracked: Tracked, i: number): Verdict | undefined {
    const { condemned, counters } = this.#core;
    const verdict = condemned.of(this.#idOf(tracked, i));
    if (verdict !== undefined) counters.fail(this.#component, verdict.failure.kind);
    return verdict;
  }

  #first(tracked: Tracked, i: number): void {
    this.#core.counters.emitted[this.#component]!++;
    this.#open++;
    tracked.partition.open++;
    const reason = tracked.batch.rejected?.(i);
    const verdict = this.#core.condemned.any ? this.#condemned(tracked, i) : undefined;
    if (verdict !== undefined)
      this.#giveUp(tracked, i, tracked.batch, i, verdict.attempts, verdict.failure, true);
    else if (reason === undefined) this.#attempt(tracked, i, tracked.batch, i);
    else
      this.#giveUp(
        tracked,
        i,
        tracked.batch,
        i,
        1,
        { kind: 'rejected', component: this.#name, reason },
        true,
      );
  }

  /** One visit of message `i` of `batch`. The ledger has a slot: `room` said so. */
  #attempt(message: Tracked | Replay, index: number, batch: AnyBatch, i: number): void {
    const { ledger, visit, options, nowMs, acks, counters } = this.#core;
    counters.executed[this.#component]!++;
    const slot = ledger.open(this, message, index, nowMs);
    arena.reset();
    visit.begin(options.worker, slot, ledger.generation(slot), ledger.high, ledger.low);
    visit.component = this.#component;
    this.#core.ports.record?.();
    try {
      batch.emit(i, this.#emit as never);
    } catch (error) {
      visit.failure ??= this.#core.fault(this.#component, error);
    }
    if (options.acking) return visit.end();
    acks.ack(visit.worker, slot, visit.generation, ledger.high, ledger.low);
    visit.slot = -1;
  }

  #failed(
    tracked: Tracked,
    i: number,
    single: AnyBatch | null,
    attempts: number,
    failure: Failure,
  ): void {
    const { options, counters, nowMs } = this.#core;
    const again = failure.kind !== 'rejected' && attempts < options.maxAttempts;
    if (!again)
      return this.#giveUp(
        tracked,
        i,
        single ?? tracked.batch,
        single === null ? i : 0,
        attempts,
        failure,
        single === null,
      );
    // The next owner emits it again.
    if (this.#revoking.has(tracked.partition.name)) return this.#takeBack(tracked.partition, 1);
    counters.replayed[this.#component]!++;
    this.#replays.add(
      { tracked, index: i, single: single ?? tracked.batch.extract(i), attempts },
      nowMs,
    );
    if (single === null) this.#progress.letGo(tracked);
  }

  /** Resolves when nothing of the partition is in flight any more; what then is not settled is forgotten. */
  #emptied(partition: Partition, timeoutMs: number): Promise<void> {
    if (this.#current?.partition === partition) this.#current = null;
    const waiting = this.#replays.drop(({ tracked }) => tracked.partition === partition);
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel();
        partition.emptied = null;
        this.#takeBack(partition, partition.open);
        this.#progress.forget(partition);
        // Before anything else is looked at: whoever asks whether the task has finished learns that it has to commit.
        this.#commits.add(0);
        resolve();
      };
      const timer = this.#core.ports.clock.setTimer(timeoutMs, end);
      partition.emptied = end;
      this.#takeBack(partition, waiting);
    });
  }

  /** So many messages of the partition, begun here, are another's to do. */
  #takeBack(partition: Partition, messages: number): void {
    this.#core.counters.emitted[this.#component]! -= messages;
    this.#open -= messages;
    partition.open -= messages;
    if (partition.open === 0) partition.emptied?.();
    this.#core.wake();
  }

  #commitThen(call: () => void): void {
    this.#stored.push(call);
    this.#commits.add(0);
    this.#commits.now();
  }

  #stepReplays(left: number): number {
    const due = this.#replays.take(this.#core.nowMs, left);
    for (const replay of due) this.#again(replay);
    return left - due.length;
  }

  #again(replay: Replay): void {
    const { tracked, index, single, attempts } = replay;
    const verdict = this.#core.condemned.any ? this.#condemned(tracked, index) : undefined;
    if (verdict === undefined) return this.#attempt(replay, -1, single, 0);
    const tried = attempts + verdict.attempts;
    this.#giveUp(tracked, index, single, 0, tried, verdict.failure, false);
  }

  /** To the dead letters; settled when they are durable. */
  #giveUp(
    tracked: Tracked,
    i: number,
    batch: AnyBatch,
    at: number,
    attempts: number,
    failure: Failure,
    holds: boolean,
  ): void {
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
      ...(batch.besides !== undefined && { besides: batch.besides(at) }),
    });
    this.#dying.push({ tracked, index: i });
    this.#deaths.add(batch.raw(at).length);
    if (holds) this.#progress.letGo(tracked);
  }

  async #bury(): Promise<void> {
    const dying = this.#dying;
    this.#dying = [];
    await this.#core.durably(() => this.#core.ports.deadLetters.flush());
    for (const { tracked, index } of dying) {
      if (tracked.partition.forgotten) continue;
      this.#core.counters.deadLetters[this.#component]!++;
      this.#settle(tracked, index, DEAD);
      if (tracked.partition.open === 0) tracked.partition.emptied?.();
    }
    this.#core.wake();
  }

  #settle(tracked: Tracked, i: number, end: typeof ACKED | typeof DEAD): void {
    this.#open--;
    tracked.partition.open--;
    if (this.#progress.settle(tracked, i, end)) this.#commits.add(0);
  }

  async #commit(): Promise<void> {
    const { positions, counters } = this.#progress.moved();
    const stored = this.#stored;
    this.#stored = [];
    this.#log.commit(positions, counters);
    await this.#core.durably(() => this.#log.flush());
    this.#task.committed?.(positions);
    for (const call of stored) call();
    this.#core.wake();
  }

  /** What neither another try nor more room can mend ends the run: what is not stored stays open. */
  #orFatal(storing: Promise<void>): Promise<void> {
    return storing.catch((error: unknown) => this.#core.fatal(this.#name, error));
  }

  /** Asks for a batch. True when it is worth asking on. */
  #poll(): boolean {
    if (this.#polling || this.#done || this.#pollTimer !== null) return false;
    // Until it has answered; for good when it throws.
    this.#polling = true;
    try {
      const polled = this.#core.call(this.#component, () => this.#task.poll());
      if (!isPromise(polled)) return this.#take(polled);
      polled.then(
        (result) => {
          this.#take(result);
          this.#core.wake();
        },
        (error: unknown) => this.#core.fatal(this.#name, error),
      );
    } catch (error) {
      this.#core.fatal(this.#name, error);
    }
    return false;
  }

  #take(polled: AnyBatch | 'idle' | 'done'): boolean {
    this.#polling = false;
    if (polled === 'done') this.#done = true;
    if (polled === 'idle')
      this.#pollTimer = this.#core.ports.clock.setTimer(POLL_DELAY_MS, () => this.wake());
    if (typeof polled === 'string') return false;
    if (polled.count === 0 || this.#revoking.has(polled.partition))
      this.#task.release?.(polled as never);
    else if (!this.#stopped) {
      this.#current = this.#progress.track(polled);
      this.#index = 0;
    }
    return true;
  }
}
