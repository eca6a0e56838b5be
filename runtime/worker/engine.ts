/**
 * Runs one worker's share of a placed plan: makes its tasks, wires their streams, and takes turns.
 *
 * A turn lets each spout emit up to a millisecond's worth of messages, each through the whole chain of
 * fused bolts; then what other workers are to get is sent. Nothing here knows of processes or sockets.
 *
 * @module
 */
import type { BoltContext, Context, Streams } from '../../topology/dsl/context.js';
import type { Positions } from '../../topology/dsl/spout.js';
import type { DeclaredNode } from '../../topology/dsl/topology.js';
import type { Built } from '../../topology/plan/build.js';
import { arena } from '../../topology/rows/arena.js';
import { Base } from '../../topology/rows/base.js';
import { headBytes, readImage, type Slab } from '../../topology/rows/image.js';
import { baseLayout } from '../../topology/rows/layout.js';
import { placesOf } from '../../topology/rows/schema.js';
import type { Timer } from '../clock.js';
import type { Failure } from '../ledger/failure.js';
import { levels, needsPeers, type Placement } from '../planner/place.js';
import type { Receiver } from '../transport/inbox.js';
import { ROW_HEAD } from '../transport/frame.js';
import { BoltRunner } from './bolt-runner.js';
import { Core } from './core.js';
import { delivery, streamSchema, type Accept } from './delivery.js';
import type { EngineOptions, Ports } from './ports.js';
import { SinkRunner } from './sink-runner.js';
import { SpoutRunner } from './spout-runner.js';

/** What a peer has not taken yet; beyond it spouts wait. */
const OUTBOX_BYTES_MAX = 4 * 1024 * 1024;
const EXPIRE_PERIOD_MS = 250;

/** What the coordinator decided for the spout tasks of this worker: by component, by task. */
export type Assignments = { readonly [component: string]: readonly unknown[] };

export class Engine implements Receiver {
  readonly #core: Core;
  readonly #placement: Placement;
  readonly #levels: readonly number[];
  readonly #spouts: SpoutRunner[] = [];
  readonly #bolts: { readonly component: number; readonly runner: BoltRunner; readonly timers: Periodic[] }[] = [];
  readonly #sinks: SinkRunner[] = [];
  /** By component, by task: what takes rows. */
  readonly #accepts: (Accept | undefined)[][];
  readonly #inputs: ((slab: Slab, at: number, end: number) => void)[];
  /** Workers that rows or acks of this one go to. */
  readonly #peers: readonly number[];
  #turning = false;
  #scheduled = false;
  #running = false;
  #quiet = false;
  #stalled = false;
  #expireTimer: Timer | null = null;
  /** Time during which storage was stalled does not count against messages. */
  #stalledMs = 0;
  #stalledSinceMs = 0;

  constructor(built: Built, placement: Placement, options: EngineOptions, ports: Ports) {
    this.#placement = placement;
    this.#levels = levels(placement);
    this.#core = new Core(built, placement, options, ports);
    this.#core.wake = () => this.#schedule();
    const others = Array.from({ length: placement.workers }, (_, worker) => worker).filter((worker) => worker !== options.worker);
    this.#peers = needsPeers(placement) ? others : [];
    this.#accepts = placement.nodes.map(({ taskWorkers }) => taskWorkers.map(() => undefined));
    this.#inputs = placement.edges.map((_, edge) => this.#input(edge));
  }

  get counters(): Core['counters'] {
    return this.#core.counters;
  }

  /** Messages and emitted windows that are not settled. */
  get pending(): number {
    return this.#core.ledger.pending;
  }

  get maxLevel(): number {
    return Math.max(0, ...this.#levels);
  }

  /** The component at work, or the one that was last. */
  get component(): string | undefined {
    return this.#placement.nodes[this.#core.visit.component]?.name;
  }

  /** Opens every task of this worker, sinks first. `fatal` is called when a source breaks later. @throws what a task throws */
  async open(assignments: Assignments, fatal: (component: string, error: unknown) => void): Promise<void> {
    this.#core.fatal = fatal;
    const { nodes } = this.#placement;
    // Readers before writers: a writer's streams are made of what its readers accept.
    for (let component = nodes.length - 1; component >= 0; component--) {
      const { name, taskWorkers } = nodes[component]!;
      for (const [task, worker] of taskWorkers.entries()) {
        if (worker !== this.#core.options.worker) continue;
        const declared = this.#core.built.components.get(name)!;
        await this.#openTask(component, task, declared, assignments).catch((error: unknown) => {
          throw new TaskError(name, error);
        });
      }
    }
  }

  /** Lets spouts emit. Called when every worker is ready. */
  start(): void {
    this.#running = true;
    this.#expireLater();
    this.#schedule();
  }

  /** Begins no new message. */
  stop(): void {
    for (const spout of this.#spouts) spout.stop();
    this.#schedule();
  }

  /** A peer is there again, or is gone: then all that may have been with it is failed. */
  peerLost(): void {
    this.#core.tick();
    this.#core.ledger.failSentAway({ kind: 'worker-lost' });
    this.#schedule();
  }

  /** Lets spouts wait while a peer is away, or go on. */
  pause(paused: boolean): void {
    this.#running = !paused;
    this.#schedule();
  }

  /** Storage somewhere cannot be written: messages do not time out meanwhile. */
  stall(stalled: boolean): void {
    if (stalled === this.#stalled) return;
    const nowMs = this.#core.ports.clock.monotonicMs();
    if (stalled) this.#stalledSinceMs = nowMs;
    else this.#stalledMs += nowMs - this.#stalledSinceMs;
    this.#stalled = stalled;
  }

  /** Closes the bolts of one level, once nothing can reach them any more; resolves when what they emitted last is stored. */
  async closeLevel(level: number): Promise<void> {
    const closing = this.#bolts.filter(({ component }) => this.#levels[component] === level);
    for (const { runner, timers } of closing) {
      for (const timer of timers) timer.last();
      await this.#settled(() => runner.idle);
      await runner.close();
    }
    await this.#settled(() => this.pending === 0);
  }

  /** Closes sinks and spouts; returns the outputs. */
  async close(): Promise<string[]> {
    const outputs: string[] = [];
    for (const sink of this.#sinks) outputs.push(...(await sink.close()));
    for (const spout of this.#spouts) await spout.close();
    this.#expireTimer?.cancel();
    this.#running = false;
    return outputs;
  }

  row(slab: Slab, at: number, end: number): void {
    this.#inputs[slab.ints[(at >> 2) + 1]! & 0xffff]!(slab, at, end);
  }

  ack(slot: number, generation: number, high: number, low: number): void {
    this.#core.ledger.ack(slot, generation, high, low);
  }

  fail(slot: number, generation: number, failure: Failure): void {
    this.#core.ledger.fail(slot, generation, failure);
  }

  /** Bytes came in from a peer and were handled. */
  received(): void {
    this.#core.tick();
    this.#schedule();
  }

  async #openTask(component: number, task: number, declared: DeclaredNode, assignments: Assignments): Promise<void> {
    const context = this.#context(component, task);
    const deliver = (stream: string): Accept => this.#delivery(component, stream, declared.role !== 'spout');
    if (declared.role === 'sink') {
      const runner = new SinkRunner(this.#core, component, await declared.component.open(Object.assign(context, { reads: this.#readsOf(component) })));
      this.#accepts[component]![task] = runner.accept;
      this.#sinks.push(runner);
    } else if (declared.role === 'bolt') {
      const runner = new BoltRunner(this.#core, component, declared.component, deliver);
      const timers: Periodic[] = [];
      runner.start(await declared.component.open(this.#boltContext(context, runner, timers)));
      this.#accepts[component]![task] = runner.accept;
      this.#bolts.push({ component, runner, timers });
    } else {
      const log = await this.#core.ports.commits(context.component, task);
      let runner: SpoutRunner | undefined;
      const wake = (): void => runner?.wake();
      const assignment = assignments[context.component]?.[task];
      const committed: Positions = log.positions;
      const spoutTask = await declared.component.open(Object.assign(context, { assignment, committed, wake }));
      runner = new SpoutRunner(this.#core, component, declared.component, spoutTask, log, deliver('messages'));
      this.#spouts.push(runner);
    }
  }

  #context(component: number, task: number): Context {
    const { ports, options, built } = this.#core;
    const { name, taskWorkers } = this.#placement.nodes[component]!;
    const warned = new Set<string>();
    return {
      topology: built.plan.name,
      component: name,
      task,
      tasks: taskWorkers.length,
      worker: options.worker,
      get stateDir() {
        return ports.stateDir(name, task);
      },
      now: () => ports.clock.now(),
      warn: (message) => {
        if (!warned.has(message)) ports.notice(name, message);
        warned.add(message);
      },
    };
  }

  #boltContext(context: Context, runner: BoltRunner, timers: Periodic[]): BoltContext {
    const { ports } = this.#core;
    const { component, task } = context;
    return Object.assign(context, {
      state: () => ports.state(component, task),
      hold: () => runner.hold(),
      emitting: (run, done, failed) => runner.emitting(run as never, done, failed),
      every: (periodMs, call) => void timers.push(new Periodic(ports.clock, periodMs, call)),
    } satisfies Omit<BoltContext<Streams>, keyof Context>);
  }

  /** A stream's way to all of its readers. */
  #delivery(component: number, stream: string, counted: boolean): Accept {
    const edges = this.#placement.edges.flatMap((edge, number) => (edge.from === component && edge.stream === stream ? [number] : []));
    return delivery(this.#core, component, edges, (node) => this.#accepts[node]!, counted);
  }

  #readsOf(component: number): ReturnType<typeof streamSchema> {
    const edge = this.#placement.edges.find(({ to }) => to === component)!;
    return streamSchema(this.#core, edge);
  }

  /** Takes the rows of one edge off the wire: their base points into the frame. */
  #input(number: number): (slab: Slab, at: number, end: number) => void {
    const edge = this.#placement.edges[number]!;
    const schema = streamSchema(this.#core, edge);
    const { Row } = baseLayout(schema);
    const { spans, numbers } = placesOf(schema);
    const head = headBytes(schema);
    const base = new Base(Buffer.alloc(0), new Int32Array(2 * spans.length), new Float64Array(numbers.length));
    const accepts = this.#accepts[edge.to]!;
    const { visit } = this.#core;
    return (slab, at, end) => {
      const { ints } = slab;
      const i = at >> 2;
      base.generation++;
      readImage(base, slab, at + ROW_HEAD, end, numbers.length, head);
      arena.reset();
      visit.begin(ints[i + 2]!, ints[i + 3]!, ints[i + 4]!, ints[i + 5]!, ints[i + 6]!);
      accepts[ints[i + 1]! >>> 16]!(new Row(base, base.generation));
      visit.end();
    };
  }

  #schedule(): void {
    if (this.#scheduled || this.#turning) return;
    this.#scheduled = true;
    this.#core.ports.schedule(() => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    this.#turning = true;
    this.#core.tick();
    let more = false;
    if (this.#running && !this.#congested()) for (const spout of this.#spouts) more = spout.step(() => this.#room()) || more;
    for (const { runner } of this.#bolts) runner.hurry();
    this.#flushOutboxes();
    this.#turning = false;
    const full = this.#room() === 0;
    // Nothing more can come until something is stored, so it is stored now.
    if (full || this.#spouts.every(({ exhausted }) => exhausted)) this.#hurry();
    if (more && !full && !this.#congested()) this.#schedule();
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
    return this.#peers.some((worker) => this.#core.ports.outbox(worker).waiting > OUTBOX_BYTES_MAX);
  }

  #flushOutboxes(): void {
    for (const worker of this.#peers) this.#core.ports.outbox(worker).flush();
  }

  #lookQuiet(): void {
    if (this.#quiet || this.pending > 0 || !this.#spouts.every(({ finished }) => finished)) return;
    this.#quiet = true;
    this.#core.ports.quiet();
  }

  #expireLater(): void {
    const { clock } = this.#core.ports;
    this.#expireTimer = clock.setTimer(EXPIRE_PERIOD_MS, () => {
      this.#core.tick();
      const { messageTimeoutMs } = this.#core.options;
      const beforeMs = this.#core.nowMs - messageTimeoutMs - this.#stalledMs;
      if (!this.#stalled) this.#core.ledger.expire(beforeMs, { kind: 'timeout' });
      if (this.#core.ledger.pending === 0) this.#stalledMs = 0;
      this.#schedule();
      this.#expireLater();
    });
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

/** A task could not be opened. */
export class TaskError extends Error {
  override readonly name = 'TaskError';
  readonly component: string;

  constructor(component: string, cause: unknown) {
    super(`${component}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.component = component;
  }
}

/** A bolt's timer. */
class Periodic {
  readonly #clock: Core['ports']['clock'];
  readonly #periodMs: number;
  readonly #call: () => void;
  #timer: Timer;

  constructor(clock: Core['ports']['clock'], periodMs: number, call: () => void) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#call = call;
    this.#timer = this.#next();
  }

  /** Calls once more and never again. */
  last(): void {
    this.#timer.cancel();
    this.#call();
  }

  #next(): Timer {
    return this.#clock.setTimer(this.#periodMs, () => {
      this.#call();
      this.#timer = this.#next();
    });
  }
}
