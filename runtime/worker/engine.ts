/**
 * Runs one worker's share of a placed plan: makes its tasks, wires their streams, and takes turns.
 *
 * A turn lets each spout emit up to a millisecond's worth of messages, each through the whole chain of
 * fused bolts; then what other workers are to get is sent. Nothing here knows of processes or sockets.
 *
 * @module
 */
import { SPOUT_STREAM, type DeclaredNode } from '../../topology/dsl/topology.js';
import type { Built } from '../../topology/plan/build.js';
import type { Slab } from '../../topology/rows/image.js';
import type { FromMove } from './move-steps.js';
import type { Failure } from '../ledger/failure.js';
import type { Identity } from '../ledger/identity.js';
import type { WorkerLoad } from '../metrics/load.js';
import { LinesReader } from '../state/lines-reader.js';
import { levels, needsPeers, type Placement } from '../planner/place.js';
import type { Receiver } from '../transport/inbox.js';
import { arrival, type Arrival } from './arrivals.js';
import type { AtWork } from './at-work.js';
import { BoltRunner } from './bolt-runner.js';
import type { Verdict } from './condemned.js';
import { boltContextOf, contextOf } from './contexts.js';
import { Core } from './core.js';
import { delivery, writtenOn, type Accept } from './delivery.js';
import type { Periodic } from './periodic.js';
import { Moving, type RunningBolt } from './moving.js';
import type { EngineOptions, Ports } from './ports.js';
import { SinkRunner } from './sink-runner.js';
import { SpoutRunner } from './spout-runner.js';
import { Timeouts } from './timeouts.js';
import { Waiting } from './waiting.js';

/** What a peer has not taken yet; beyond it spouts wait. */
const OUTBOX_BYTES_MAX = 4 * 1024 * 1024;

/** What the coordinator decided for the spout tasks of this worker: by component, by task. */
export type Assignments = { readonly [component: string]: readonly unknown[] };

export class Engine implements Receiver {
  readonly #core: Core;
  readonly #placement: Placement;
  readonly #levels: readonly number[];
  readonly #spouts: SpoutRunner[] = [];
  readonly #bolts: RunningBolt[] = [];
  /** Gives its bolts other tasks. */
  readonly moving: Moving;
  readonly #sinks: SinkRunner[] = [];
  /** By component, by task: what takes rows. */
  readonly #accepts: (Accept | undefined)[][];
  readonly #arrivals: readonly Arrival[];
  /** Workers that rows or acks of this one go to. */
  readonly #peers: readonly number[];
  readonly #timeouts: Timeouts;
  readonly #waiting = new Waiting();
  #scheduled = false;
  #started = false;
  #paused = false;
  /** The operator has paused the topology. */
  #resting = false;
  /** Rows executed when `still` was last called. */
  #executed = -1;
  #quiet = false;

  /** @param tell where a worker says how far it is with giving bolts other tasks */
  constructor(
    built: Built,
    placement: Placement,
    options: EngineOptions,
    ports: Ports,
    tell: (message: FromMove) => void = () => {},
  ) {
    this.#placement = placement;
    this.#levels = levels(placement);
    this.#core = new Core(built, placement, options, ports);
    this.#core.wake = () => this.#schedule();
    this.#timeouts = new Timeouts(this.#core);
    const others = Array.from({ length: placement.workers }, (_, worker) => worker).filter(
      (worker) => worker !== options.worker,
    );
    this.#peers = needsPeers(placement) ? others : [];
    this.#accepts = placement.nodes.map(({ taskWorkers }) => taskWorkers.map(() => undefined));
    this.#arrivals = placement.edges.map(({ to }, edge) =>
      arrival(this.#core, edge, this.#accepts[to]!),
    );
    this.moving = this.#movingOf(tell);
  }

  get counters(): Core['counters'] {
    return this.#core.counters;
  }

  get own(): Core['own'] {
    return this.#core.own;
  }

  /** How busy it is now. */
  get load(): Omit<WorkerLoad, 'busyRatio'> {
    const { ledger, ports } = this.#core;
    return {
      inFlight: ledger.pending,
      outboxBytes: this.#peers.reduce((sum, peer) => sum + ports.outbox(peer).waiting, 0),
      waitedMs: this.#waiting.totalMs(ports.clock.monotonicMs()),
    };
  }

  /** What would be to blame if the process died now. */
  atWork(): AtWork {
    return this.#core.atWork();
  }

  /** Messages worked on so far, attempts and rows that came in: when it stands still, so does everything. */
  get visits(): number {
    return this.#core.visit.count;
  }

  /** Which message a root of this worker is. */
  identify(slot: number, generation: number): Identity {
    return this.#core.ledger.identify(slot, generation);
  }

  /** A message that is not tried again. */
  condemn(verdict: Verdict): void {
    this.#core.condemned.add(verdict);
  }

  /** Opens every task of this worker, sinks first. `fatal` is called when a source breaks later. @throws what a task throws */
  async open(
    assignments: Assignments,
    fatal: (component: string, error: unknown) => void,
  ): Promise<void> {
    this.#core.fatal = fatal;
    const { nodes } = this.#placement;
    // Readers before writers: a writer's streams are made of what its readers accept.
    for (let component = nodes.length - 1; component >= 0; component--) {
      const { name, taskWorkers } = nodes[component]!;
      for (const [task, worker] of taskWorkers.entries()) {
        if (worker !== this.#core.options.worker) continue;
        const declared = this.#core.built.components.get(name)!;
        await this.#openTask(component, task, declared, assignments).catch((error: unknown) => {
          throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, {
            cause: error,
          });
        });
      }
    }
  }

  /** Lets spouts emit. Called when every worker is ready. */
  start(): void {
    this.#started = true;
    this.#timeouts.start();
    this.#schedule();
  }

  /** Begins no new message. */
  stop(): void {
    // What is to be replayed is, also when the topology was paused.
    this.#resting = false;
    for (const spout of this.#spouts) spout.stop();
    this.#schedule();
  }

  /** Whether no spout here begins a new message, and no component has done anything since the last call. */
  still(): boolean {
    const before = this.#executed;
    this.#executed = this.#core.counters.executed.reduce((sum, executed) => sum + executed, 0);
    return this.#executed === before && this.#spouts.every(({ exhausted }) => exhausted);
  }

  /** No worker begins a new message, and nothing moves. */
  ending(): void {
    this.#core.ending = true;
  }

  /** A peer is gone: all that may have been with it is failed. */
  peerLost(): void {
    this.#core.tick();
    this.#core.ledger.failSentAway({ kind: 'worker-lost' });
    this.#schedule();
  }

  /** Lets spouts wait while a peer is away, or go on. */
  pause(paused: boolean): void {
    this.#paused = paused;
    if (!paused) this.#core.ledger.forgetLost();
    this.#schedule();
  }

  /** Begins no new message until told otherwise; what is in flight goes on. */
  rest(resting: boolean): void {
    this.#resting = resting;
    this.#schedule();
  }

  /** Storage somewhere cannot be written, or can again: messages do not time out meanwhile. */
  stall(stalled: boolean): void {
    this.#timeouts.stall(stalled);
  }

  /** Closes the bolts of one level, once nothing can reach them any more; resolves when what they emitted last is stored. */
  async closeLevel(level: number): Promise<void> {
    const closing = this.#bolts.filter(({ component }) => this.#levels[component] === level);
    for (const { runner, timers } of closing) {
      for (const timer of timers) timer.last();
      // With acking all rows are settled by now: what a bolt still has open was given up, and may never end.
      if (!this.#core.options.acking) await this.#settled(() => runner.idle);
      await runner.close();
    }
    await this.#settled(() => this.#core.ledger.pending === 0);
  }

  /** Closes sinks and spouts; returns the outputs. */
  async close(): Promise<string[]> {
    const outputs: string[] = [];
    for (const sink of this.#sinks) outputs.push(...(await sink.close()));
    for (const spout of this.#spouts) await spout.close();
    await this.moving.settled;
    await this.#core.states.close();
    this.halt();
    return outputs;
  }

  /** Begins nothing any more, as if its process had died. */
  halt(): void {
    this.#started = false;
    this.#timeouts.stop();
    for (const { timers } of this.#bolts) for (const timer of timers) timer.cancel();
  }

  row(slab: Slab, at: number, end: number): void {
    this.#arrivals[slab.ints[(at >> 2) + 1]! & 0xffff]!(slab, at, end);
  }

  ack(slot: number, generation: number, high: number, low: number): void {
    this.#core.ledger.ack(slot, generation, high, low);
  }

  fail(slot: number, generation: number, failure: Failure): void {
    this.#core.ledger.fail(slot, generation, failure);
  }

  mark(move: number): void {
    this.moving.mark(move);
    this.#schedule();
  }

  /** Bytes came in from a peer and are handled next, or a peer took what waited for it. */
  received(): void {
    this.#core.tick();
    this.#schedule();
  }

  #movingOf(tell: (message: FromMove) => void): Moving {
    const { built } = this.#core;
    const remove = (bolt: RunningBolt): void => {
      this.#accepts[bolt.component]![bolt.task] = undefined;
      this.#bolts.splice(this.#bolts.indexOf(bolt), 1);
      bolt.runner.retire();
    };
    return new Moving(
      this.#core,
      {
        peers: this.#peers,
        bolts: this.#bolts,
        accepts: this.#accepts,
        open: async (component, task) => {
          const declared = built.components.get(this.#core.nameOf(component))!;
          await this.#openTask(component, task, declared, {});
        },
        close: async (bolt) => {
          remove(bolt);
          for (const timer of bolt.timers) timer.last();
          await bolt.runner.close();
        },
        remove,
        settled: (condition) => this.#settled(condition),
      },
      tell,
    );
  }

  async #openTask(
    component: number,
    task: number,
    declared: DeclaredNode,
    assignments: Assignments,
  ): Promise<void> {
    const core = this.#core;
    const deliver = (stream: string): Accept => this.#delivery(component, stream);
    if (declared.role === 'sink') {
      const context = Object.assign(contextOf(core, component, task), {
        reads: this.#readsOf(component),
        stalled: core.ports.stalled,
        stateId: core.ports.stateId,
      });
      const runner = new SinkRunner(core, component, await declared.component.open(context));
      this.#accepts[component]![task] = runner.accept;
      this.#sinks.push(runner);
    } else if (declared.role === 'bolt') {
      const runner = new BoltRunner(core, component, declared.component, deliver);
      const timers: Periodic[] = [];
      runner.start(
        await declared.component.open(boltContextOf(core, component, task, runner, timers)),
      );
      this.#accepts[component]![task] = runner.accept;
      this.#bolts.push({ component, task, runner, timers });
    } else {
      const log = await core.ports.commits(declared.name, task);
      let runner: SpoutRunner | undefined;
      const wake = (): void => runner?.wake();
      const context = Object.assign(contextOf(core, component, task), {
        assignment: assignments[declared.name]?.[task],
        committed: log.positions,
        wake,
        journal: (options: { readonly maxAgeMs: number }) =>
          LinesReader.open(context, { ...options, clock: core.ports.clock }),
        revoke: async (partition: string, timeoutMs: number) =>
          runner?.revoke(partition, timeoutMs),
      });
      const opened = await declared.component.open(context);
      runner = new SpoutRunner(
        core,
        component,
        declared.component,
        opened,
        log,
        deliver(SPOUT_STREAM),
      );
      this.#spouts.push(runner);
    }
  }

  /** A stream's way to all of its readers. */
  #delivery(component: number, stream: string): Accept {
    const { role, outputs } = this.#placement.nodes[component]!.node;
    const output = role === 'spout' ? -1 : outputs.findIndex((each) => each.stream === stream);
    const edges = this.#placement.edges.flatMap((edge, number) =>
      edge.from === component && edge.stream === stream ? [number] : [],
    );
    return delivery(this.#core, component, edges, (node) => this.#accepts[node]!, output);
  }

  #readsOf(component: number): ReturnType<typeof writtenOn> {
    const edge = this.#placement.edges.find(({ to }) => to === component)!;
    return writtenOn(this.#core, edge);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#core.ports.schedule(() => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    this.#core.tick();
    let more = false;
    if (this.#started && !this.#paused && !this.#resting && !this.#congested()) {
      for (const spout of this.#spouts) more = spout.step(() => this.#room()) || more;
    }
    for (const { runner } of this.#bolts) runner.hurry();
    this.#flushOutboxes();
    const full = this.#room() === 0;
    const exhausted = this.#spouts.every((spout) => spout.exhausted);
    // Nothing more can come until something is stored, so it is stored now. A worker without spouts cannot know.
    if (full || (this.#spouts.length > 0 && exhausted)) this.#hurry();
    const blocked = this.#paused || this.#resting || full || this.#congested();
    this.#waiting.look(this.#started && blocked && !this.#resting && !exhausted, this.#core.nowMs);
    if (more && !blocked) this.#schedule();
    this.#lookQuiet();
  }

  #hurry(): void {
    for (const sink of this.#sinks) sink.hurry();
    for (const spout of this.#spouts) spout.hurry();
  }

  #room(): number {
    return Math.max(0, this.#core.options.maxSpoutPending - this.#core.ledger.pending);
  }

  #congested(): boolean {
    if (this.#sinks.some(({ full }) => full)) return true;
    return this.#peers.some((worker) => this.#core.ports.outbox(worker).waiting > OUTBOX_BYTES_MAX);
  }

  #flushOutboxes(): void {
    for (const worker of this.#peers) this.#core.ports.outbox(worker).flush();
  }

  #lookQuiet(): void {
    if (
      this.#quiet ||
      this.#core.ledger.pending > 0 ||
      !this.#spouts.every(({ finished }) => finished)
    )
      return;
    this.#quiet = true;
    this.#core.ports.quiet();
  }

  /** Waits for a condition that only turns can bring about. */
  async #settled(condition: () => boolean): Promise<void> {
    while (!condition()) {
      this.#hurry();
      this.#schedule();
      await new Promise<void>((resolve) => this.#core.ports.clock.setTimer(1, resolve));
    }
  }
}
