/**
 * Starts the workers of a simulated run, links them, starts them again when they die and ends the run, in the messages
 * of the real protocol. The workers are real ones.
 *
 * @module
 */
import type { Built } from '../../topology/plan/build.js';
import type { FromWorker, StartMessage, ToWorker } from '../coordinator/protocol.js';
import { levels, needsPeers, place, type Placement } from '../planner/place.js';
import { WorkerHost } from '../worker/host.js';
import type { EngineOptions } from '../worker/ports.js';
import type { World } from '../world.js';
import { SOCKETS, STATE } from './places.js';
import { Process, type Machine } from './machine/process.js';

const RESTART_DELAY_MS = 50;

/** What a fault can be planted into. */
export interface Planting {
  readonly world?: (world: World, process: Process) => World;
  readonly built?: (built: Built, worker: number) => Built;
}

export interface CoordinatorOptions {
  readonly machine: Machine;
  readonly built: Built;
  readonly workers: number;
  readonly options: Omit<EngineOptions, 'worker'>;
  readonly planting: Planting;
  /** The run cannot go on. */
  readonly fatal: (message: string) => void;
}

interface Live {
  readonly process: Process;
  readonly epoch: number;
  readonly send: (message: ToWorker) => void;
  path: string | null;
  linked: boolean;
  going: boolean;
  still: boolean;
  quiet: boolean;
  closed: boolean;
}

export class Coordinator {
  readonly #run: CoordinatorOptions;
  readonly placement: Placement;
  readonly #workers: (Live | null)[];
  readonly #stalled = new Set<number>();
  #phase: 'running' | 'closing' | 'over' = 'running';
  #level = 0;
  #stopping = false;
  #epoch = 0;
  /** Counts restarts of everything: what was to be done before is not done. */
  #life = 0;

  constructor(run: CoordinatorOptions) {
    this.#run = run;
    this.placement = place(run.built.plan, run.workers);
    this.#workers = Array.from({ length: run.workers }, () => null);
  }

  get over(): boolean {
    return this.#phase === 'over';
  }

  get living(): Process[] {
    return this.#workers.flatMap((live) => live?.process ?? []);
  }

  /** The process that a worker is now. */
  processOf(worker: number): Process {
    return this.#workers[worker]!.process;
  }

  start(): void {
    for (const worker of this.#workers.keys()) this.#start(worker);
  }

  /** A worker is gone; noticed a little later, and started again. */
  kill(worker: number): void {
    const live = this.#workers[worker];
    if (live == null || this.over) return;
    live.process.kill();
    this.#later(`${live.process.name} exits`, () => {
      if (this.#workers[worker] === live) this.#died(worker);
    });
  }

  /** Everything is gone at once, and starts again when there is power. */
  losePower(forMs: number): void {
    for (const live of this.#workers) live?.process.kill();
    this.#workers.fill(null);
    this.#stalled.clear();
    this.#phase = this.over ? 'over' : 'running';
    this.#life++;
    if (!this.over) this.#after(forMs, 'power', () => this.start());
  }

  /** Begins no new message, lets what is in flight finish, and ends. */
  drain(): void {
    this.#stopping = true;
    this.#tellAll({ type: 'stop' });
  }

  #start(worker: number): void {
    const { machine, built, workers, options, planting } = this.#run;
    const epoch = ++this.#epoch;
    const process = new Process(`worker-${worker}.${epoch}`, machine);
    const inbox = this.#channel(process, 'says', (message: FromWorker) => {
      if (this.#workers[worker] === live) this.#message(worker, live, message);
    });
    let host: WorkerHost | null = null;
    /** Messages that came while the topology was being opened. */
    const early: ToWorker[] = [];
    const outbox = this.#channel(process, 'is told', (message: ToWorker) => {
      if (host === null) early.push(message);
      else host.receive(message);
    });
    const live: Live = {
      process,
      epoch,
      send: (message) => outbox(message, process),
      path: null,
      linked: false,
      going: false,
      still: false,
      quiet: false,
      closed: false,
    };
    this.#workers[worker] = live;
    const start: StartMessage = {
      type: 'start',
      worker,
      workers,
      topology: { module: 'simulated' },
      parameters: {},
      hash: built.plan.hash,
      stateDir: STATE,
      stateId: 'simulated',
      socketDir: SOCKETS,
      epoch,
      options: { ...options, worker },
      assignments: {},
      shares: {},
      record: false,
      condemned: [],
    };
    machine.timeline.in(machine.chance.between(5, 60), process, 'starts', () => {
      const world = planting.world?.(process.world, process) ?? process.world;
      const opening = new WorkerHost(
        planting.built?.(built, worker) ?? built,
        start,
        (message) => inbox(message, null),
        world,
      );
      void opening.open().then(() => {
        host = opening;
        for (const message of early) host.receive(message);
      });
    });
  }

  /** Messages between two processes, in order. */
  #channel<M extends { readonly type: string }>(
    process: Process,
    verb: string,
    receive: (message: M) => void,
  ): (message: M, actor: Process | null) => void {
    const { timeline, network } = this.#run.machine;
    let lastMs = 0;
    return (message, actor) => {
      lastMs = Math.max(lastMs, timeline.nowMs + network.delayMs());
      const what = `${actor === null ? `${process.name} ` : ''}${verb} ${message.type}`;
      timeline.in(lastMs - timeline.nowMs, actor, what, () => receive(message));
    };
  }

  #message(worker: number, live: Live, message: FromWorker): void {
    if (message.type === 'ready') this.#ready(worker, live, message.path);
    else if (message.type === 'linked') {
      live.linked = true;
      if (this.#all(({ linked }) => linked)) for (const each of this.#workers) this.#go(each!);
    } else if (message.type === 'counters') {
      live.still = message.still;
      if (live.still && this.#all(({ still }) => still)) this.#tellAll({ type: 'ending' });
    } else if (message.type === 'quiet') {
      live.quiet = true;
      if (this.#phase === 'running' && this.#all(({ quiet }) => quiet)) this.#close(0);
    } else if (message.type === 'closed') {
      if (message.level !== this.#level || this.#phase !== 'closing') return;
      live.closed = true;
      if (this.#all(({ closed }) => closed)) this.#close(message.level + 1);
    } else if (message.type === 'finished') {
      live.closed = true;
      if (this.#all(({ closed }) => closed)) this.#phase = 'over';
    } else if (message.type === 'stalled') this.#stalledBy(worker, message.code !== null);
    else if (message.type === 'fatal') this.#run.fatal(message.message);
  }

  #ready(worker: number, live: Live, path: string): void {
    live.path = path;
    if (!needsPeers(this.placement)) return this.#go(live);
    for (const [other, peer] of this.#workers.entries()) {
      if (other === worker || peer === null || peer.path === null) continue;
      live.send({ type: 'peer', worker: other, epoch: peer.epoch, path: peer.path });
      peer.send({ type: 'peer', worker, epoch: live.epoch, path });
    }
  }

  #go(live: Live): void {
    live.going = true;
    live.send({ type: 'go' });
    if (this.#stopping) live.send({ type: 'stop' });
    if (this.#stalled.size > 0) live.send({ type: 'stall', stalled: true });
  }

  #stalledBy(worker: number, stalled: boolean): void {
    const before = this.#stalled.size > 0;
    if (stalled) this.#stalled.add(worker);
    else this.#stalled.delete(worker);
    if (before !== this.#stalled.size > 0) this.#tellAll({ type: 'stall', stalled: !before });
  }

  #close(level: number): void {
    this.#phase = 'closing';
    this.#level = level;
    for (const live of this.#workers) live!.closed = false;
    const last = Math.max(...levels(this.placement));
    this.#tellAll(level <= last ? { type: 'close', level } : { type: 'finish' });
  }

  #died(worker: number): void {
    this.#workers[worker] = null;
    for (const live of this.#workers) if (live !== null) live.linked = false;
    this.#stalledBy(worker, false);
    const all = this.#phase !== 'running';
    // Closed tasks cannot take rows: all begin again from what is committed.
    if (all) for (const other of this.#workers.keys()) this.#forget(other);
    this.#phase = 'running';
    this.#after(RESTART_DELAY_MS, 'restart', () => {
      for (const each of all ? this.#workers.keys() : [worker]) this.#start(each);
    });
  }

  #forget(worker: number): void {
    this.#workers[worker]?.process.kill();
    this.#workers[worker] = null;
    this.#stalledBy(worker, false);
  }

  #all(condition: (live: Live) => boolean): boolean {
    return this.#workers.every((live) => live !== null && condition(live));
  }

  #tellAll(message: ToWorker): void {
    for (const live of this.#workers) live?.send(message);
  }

  #later(what: string, run: () => void): void {
    this.#after(this.#run.machine.network.delayMs(), what, run);
  }

  /** Unless everything starts again before. */
  #after(ms: number, what: string, run: () => void): void {
    const life = this.#life;
    this.#run.machine.timeline.in(ms, null, what, () => {
      if (life === this.#life) run();
    });
  }
}
