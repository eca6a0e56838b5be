/**
 * Workers in one process, joined by outboxes and inboxes, with time and storage in the hands of a test.
 *
 * Nothing moves by itself: turns, bytes and timers wait until a test lets them go.
 *
 * @module
 */
import { topology, type TopologyBuilder } from '../../../topology/dsl/topology.js';
import { build, type Built } from '../../../topology/plan/build.js';
import { VirtualClock } from '../../../runtime/clock.js';
import { Scaling } from '../../../runtime/coordinator/scaling.js';
import { levels, place, type Placement } from '../../../runtime/planner/place.js';
import { planScale } from '../../../runtime/planner/scale.js';
import type { Share, Shares } from '../../../runtime/planner/shares.js';
import type { DeadLetter } from '../../../runtime/state/dead-letter.js';
import { Inbox } from '../../../runtime/transport/inbox.js';
import { Outbox } from '../../../runtime/transport/outbox.js';
import { Engine } from '../../../runtime/worker/engine.js';
import type { EngineOptions, Ports, SpoutCounters } from '../../../runtime/worker/ports.js';
import { memoryGroups, type GroupDisk } from './memory-groups.js';

export interface ClusterOptions extends Partial<Omit<EngineOptions, 'worker'>> {
  readonly workers?: number;
  /** Stands in for ports of one's own. */
  readonly ports?: Partial<Ports>;
}

/** What one spout task has committed so far. */
export interface Committed {
  positions: Map<string, number>;
  counters: SpoutCounters;
}

interface Flying {
  readonly from: number;
  readonly to: number;
  /** Not a copy: what is used again before it was taken arrives spoilt. */
  readonly bytes: Buffer;
  readonly taken: () => void;
}

export class Cluster {
  readonly clock = new VirtualClock();
  readonly engines: Engine[] = [];
  placement: Placement;
  /** What bolts remember by key. */
  readonly groups: GroupDisk = new Map();
  /** Gives bolts other tasks, as a run does. */
  readonly scaling: Scaling;
  /** Is told of every table that was stored. */
  stored: (component: string, share: Share) => void = () => {};
  /** Is called before each message between coordinator and workers is heard, with how many were. */
  hearing: (heard: number) => void = () => {};
  #heard = 0;
  /** Whether what is next of a kind goes on now; replaced to have things happen in other orders. */
  chance: (kind: 'turn' | 'bytes' | 'word') => boolean = () => true;
  /** Which of the links that have something on the way is next. */
  link: (count: number) => number = () => 0;
  readonly letters: DeadLetter[] = [];
  /** Dead letters that were flushed. */
  buried = 0;
  readonly notices: string[] = [];
  readonly stalls: (string | null)[] = [];
  /** By `component-task`. */
  readonly committed = new Map<string, Committed>();
  readonly quiet = new Set<number>();
  outputs: string[] = [];
  fault: { component: string; error: unknown } | null = null;
  /** All bytes that arrived anywhere. */
  arrived = '';
  /** Nothing that was sent arrives. */
  stuck = false;
  /** Replaced to have commits and dead letters fail or wait. */
  store: () => Promise<void> = async () => {};
  readonly #built: Built;
  readonly #options: ClusterOptions;
  readonly #turns: (() => void)[] = [];
  #flying: Flying[] = [];
  /** What coordinator and workers say to each other. */
  readonly #said: (() => void)[] = [];
  #shares: Shares = {};
  readonly #lives: { dead: boolean }[] = [];
  readonly #outboxes: Outbox[][] = [];
  readonly #inboxes: Inbox[][] = [];

  constructor(wire: (t: TopologyBuilder) => void, options: ClusterOptions = {}) {
    this.#built = build(topology('test', wire));
    this.#options = options;
    this.placement = place(this.#built.plan, options.workers ?? 1);
    this.scaling = this.#scaling();
    for (let worker = 0; worker < this.placement.workers; worker++) this.#add(worker);
    for (let worker = 0; worker < this.placement.workers; worker++) this.#link(worker);
  }

  /** Opens all tasks and starts. */
  static async start(
    wire: (t: TopologyBuilder) => void,
    options: ClusterOptions = {},
  ): Promise<Cluster> {
    const cluster = new Cluster(wire, options);
    for (let worker = 0; worker < cluster.engines.length; worker++) await cluster.open(worker);
    for (const engine of cluster.engines) engine.start();
    return cluster;
  }

  async open(worker: number): Promise<void> {
    const assignments: Record<string, readonly unknown[]> = {};
    for (const [name, node] of this.#built.components) {
      if (node.role === 'spout')
        assignments[name] = (await node.component.assign?.(1, new Map())) ?? [];
    }
    await this.engines[worker]!.open(
      assignments,
      (component, error) => (this.fault = { component, error }),
    );
  }

  /** Lets everything go on until nothing moves any more but by time. */
  async settle(): Promise<void> {
    for (let still = 0; still < 3; still++) {
      while (
        this.#turns.length > 0 ||
        this.#said.length > 0 ||
        (this.#flying.length > 0 && !this.stuck)
      ) {
        if (this.chance('turn')) this.#turns.shift()?.();
        if (this.chance('bytes')) this.#deliver();
        if (this.#said.length > 0 && this.chance('word')) {
          this.hearing(this.#heard++);
          this.#said.shift()?.();
        }
        still = 0;
      }
      await new Promise(setImmediate);
    }
  }

  /** `ms` pass, in steps of at most 10. */
  async pass(ms: number): Promise<void> {
    await this.settle();
    for (let left = ms; left > 0; left -= 10) {
      this.clock.advance(Math.min(10, left));
      await this.settle();
      const still = this.engines.map((engine) => engine.still());
      if (still.every(Boolean)) for (const engine of this.engines) engine.ending();
    }
  }

  /** Time passes until `done`. */
  async until(done: () => boolean): Promise<void> {
    await this.settle();
    for (let passedMs = 0; !done(); passedMs += 10) {
      if (this.fault !== null) throw this.fault.error;
      if (passedMs > 600_000)
        throw new Error('It did not happen within ten minutes of virtual time.');
      await this.pass(10);
    }
  }

  /** Waits until every worker is quiet, and closes everything. */
  async finish(): Promise<void> {
    await this.until(() => this.quiet.size === this.engines.length);
    for (let level = 0; level <= Math.max(...levels(this.placement)); level++) {
      await this.#all(this.engines.map((engine) => engine.closeLevel(level)));
    }
    this.outputs = (await this.#all(this.engines.map((engine) => engine.close()))).flat();
  }

  /** A component's figure, over all workers. */
  sum(
    component: string,
    figure: 'executed' | 'emitted' | 'acked' | 'failed' | 'replayed' | 'deadLetters',
  ): number {
    const i = this.placement.nodes.findIndex(({ name }) => name === component);
    return this.engines.reduce((sum, { counters }) => sum + counters[figure][i]!, 0);
  }

  /** Kills a worker; the others notice. What was on the way is lost. */
  kill(worker: number): void {
    this.#lives[worker]!.dead = true;
    this.engines[worker]!.halt();
    for (const outbox of this.#outboxes[worker]!) outbox.connect(null);
    this.#flying = this.#flying.filter(({ from, to }) => from !== worker && to !== worker);
    this.scaling.died(worker);
    for (const [other, engine] of this.engines.entries()) {
      if (other === worker) continue;
      this.#outboxes[other]![worker]!.connect(null);
      engine.pause(true);
      engine.peerLost();
    }
  }

  /** Starts a killed worker again, from what was committed. */
  async restart(worker: number): Promise<void> {
    this.#add(worker);
    this.#link(worker);
    await this.open(worker);
    this.engines[worker]!.start();
    for (const engine of this.engines) engine.pause(false);
  }

  /** Gives a bolt another number of tasks. */
  async scale(component: string, tasks: number): Promise<void> {
    const scaled = this.scaling.scale(planScale(this.placement, component, tasks));
    await this.#all([scaled]);
  }

  #scaling(): Scaling {
    const alive = (worker: number): boolean => !this.#lives[worker]!.dead;
    return new Scaling({
      workers: () => [...this.engines.keys()].filter(alive),
      tell: (worker, message) => {
        const life = this.#lives[worker]!;
        const engine = this.engines[worker]!;
        this.#said.push(() => void (life.dead || engine.moving.receive(message)));
      },
      store: async (component, share) => {
        await Promise.resolve();
        this.stored(component, share);
      },
      placed: (component, share) => {
        this.#shares = { ...this.#shares, [component]: share };
        this.placement = place(this.#built.plan, this.placement.workers, this.#shares);
      },
    });
  }

  #add(worker: number): void {
    const { workers, ports, ...options } = this.#options;
    const life = (this.#lives[worker] = { dead: false });
    const engine = new Engine(
      this.#built,
      this.placement,
      {
        worker,
        maxSpoutPending: 1000,
        maxAttempts: 5,
        messageTimeoutMs: 30_000,
        acking: true,
        ...options,
      },
      { ...this.#ports(worker), ...ports },
      (message) =>
        void this.#said.push(() => {
          if (!life.dead) this.scaling.heard(worker, message);
        }),
    );
    this.engines[worker] = engine;
    this.#outboxes[worker] = Array.from(
      { length: this.placement.workers },
      () => new Outbox(() => engine.received()),
    );
    this.#inboxes[worker] = Array.from({ length: this.placement.workers }, () => new Inbox(engine));
    this.quiet.delete(worker);
  }

  #link(worker: number): void {
    for (let other = 0; other < this.placement.workers; other++) {
      if (other === worker) continue;
      this.#connect(worker, other);
      this.#connect(other, worker);
    }
  }

  #connect(from: number, to: number): void {
    this.#inboxes[to]![from] = new Inbox(this.engines[to]!);
    this.#outboxes[from]![to]!.connect({
      write: (bytes, taken) => void this.#flying.push({ from, to, bytes, taken }),
    });
  }

  #deliver(): void {
    if (this.stuck || this.#flying.length === 0) return;
    const { from, to } = this.#flying[this.link(this.#flying.length)]!;
    const next = this.#flying.findIndex((flying) => flying.from === from && flying.to === to);
    const each = this.#flying.splice(next, 1)[0]!;
    this.arrived += each.bytes.toString('latin1');
    const inbox = this.#inboxes[each.to]![each.from]!;
    for (let at = 0; at < each.bytes.length;) {
      const written = each.bytes.copy(inbox.room(), 0, at);
      this.engines[each.to]!.received();
      inbox.received(written);
      at += written;
    }
    each.taken();
  }

  #ports(worker: number): Ports {
    const life = this.#lives[worker]!;
    return {
      clock: this.clock,
      schedule: (turn) => void this.#turns.push(() => void (life.dead || turn())),
      outbox: (to) => this.#outboxes[worker]![to]!,
      deadLetters: {
        append: (letter) => void this.letters.push({ ...letter, raw: Buffer.from(letter.raw) }),
        flush: async () => {
          const count = this.letters.length;
          await this.store();
          this.buried = Math.max(this.buried, count);
        },
      },
      commits: async (component, task) => this.#log(`${component}-${task}`),
      groups: memoryGroups(this.groups, () => !life.dead),
      state: () => Promise.reject(new Error('No state here.')),
      stateDir: () => '/nowhere',
      stateId: 'id',
      notice: (component, message) => void this.notices.push(`${component}: ${message}`),
      stalled: (code) => void this.stalls.push(code),
      quiet: () => void this.quiet.add(worker),
    };
  }

  #log(
    name: string,
  ): Ports extends { commits: (component: string, task: number) => Promise<infer P> } ? P : never {
    const log = this.committed.get(name) ?? {
      positions: new Map(),
      counters: { emitted: 0, acked: 0, deadLetters: 0 },
    };
    this.committed.set(name, log);
    const pending: Committed = { positions: new Map(log.positions), counters: log.counters };
    return {
      positions: new Map(log.positions),
      counters: log.counters,
      commit: (positions, counters) => {
        for (const [partition, position] of positions) pending.positions.set(partition, position);
        pending.counters = counters;
      },
      flush: async () => {
        const { positions, counters } = {
          positions: new Map(pending.positions),
          counters: pending.counters,
        };
        await this.store();
        log.positions = positions;
        log.counters = counters;
      },
    };
  }

  async #all<T>(promises: readonly Promise<T>[]): Promise<T[]> {
    let done = false;
    const all = Promise.all(promises).finally(() => (done = true));
    all.catch(() => {});
    await this.until(() => done);
    return all;
  }
}
