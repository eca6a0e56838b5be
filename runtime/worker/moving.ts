/**
 * A worker's part in giving a bolt other tasks while it runs:
 *
 *     prepare  tasks that get keys open what they remember: rows need not wait for that
 *     hold     the rows of its tasks that change wait at their senders; each sender marks the end of what it has sent
 *     parked   those tasks have got all that was sent, are done with it, and have stored what they remember
 *     take     the tasks that get keys read and store what the givers remember of them
 *     reopen   tasks are opened anew, with the keys that are theirs, or closed for good
 *     release  what waited is sent
 *
 * The coordinator says each when all workers are done with the one before. When a worker dies it says `reopen` at
 * once, with what was decided until then. Rows of other keys and other bolts never wait.
 *
 * @module
 */
import type { FromMove, ToMove } from './move-steps.js';
import type { GroupMove, Share } from '../planner/shares.js';
import { takeOver } from '../state/take-over.js';
import type { BoltRunner } from './bolt-runner.js';
import { remembersOf } from './contexts.js';
import type { Core } from './core.js';
import type { Accept } from './delivery.js';
import type { Periodic } from './periodic.js';

export interface RunningBolt {
  readonly component: number;
  readonly task: number;
  readonly runner: BoltRunner;
  readonly timers: Periodic[];
}

/** What the engine lends. */
export interface Tasks {
  readonly peers: readonly number[];
  readonly bolts: RunningBolt[];
  /** By component, by task. */
  readonly accepts: readonly (readonly (Accept | undefined)[])[];
  open(component: number, task: number): Promise<void>;
  close(bolt: RunningBolt): Promise<void>;
  /** The task takes no more rows. */
  remove(bolt: RunningBolt): void;
  /** Takes turns until it is so. */
  settled(condition: () => boolean): Promise<void>;
}

type Prepare = Extract<ToMove, { type: 'prepare' }>;

interface Move {
  readonly id: number;
  readonly component: number;
  readonly tasks: ReadonlySet<number>;
  share: Share | null;
}

export class Moving {
  readonly #core: Core;
  readonly #tasks: Tasks;
  readonly #tell: (message: FromMove) => void;
  #move: Move | null = null;
  /** How many peers have marked a move; they may be told of it before this worker is. */
  readonly #marks = new Map<number, number>();
  /** One after the other. */
  #steps: Promise<void> = Promise.resolve();

  constructor(core: Core, tasks: Tasks, tell: (message: FromMove) => void) {
    this.#core = core;
    this.#tasks = tasks;
    this.#tell = tell;
  }

  receive(message: ToMove): void {
    if (message.type === 'prepare') return this.#prepare(message);
    const move = this.#move;
    if (move?.id !== message.move) return;
    if (message.type === 'hold') this.#hold(move);
    else if (message.type === 'take')
      this.#step(move, 'taken', () => this.#take(move, message.moves));
    else if (message.type === 'reopen') {
      move.share = message.share;
      this.#step(move, 'reopened', () => this.#reopen(move, message.share));
    } else this.#release(move);
  }

  /** Something is being moved. */
  get active(): boolean {
    return this.#move !== null;
  }

  /** Resolves when all that was begun is done. */
  get settled(): Promise<void> {
    return this.#steps;
  }

  /** A peer has sent all that comes before a move. */
  mark(id: number): void {
    this.#marks.set(id, (this.#marks.get(id) ?? 0) + 1);
  }

  #prepare({ move: id, component: name, tasks, takers }: Prepare): void {
    const component = this.#core.placement.nodes.findIndex((node) => node.name === name);
    const move: Move = { id, component, tasks: new Set(tasks), share: null };
    this.#move = move;
    this.#step(move, 'prepared', async () => {
      await Promise.all(takers.map((task) => this.#core.states.prepare(component, task)));
    });
  }

  #hold(move: Move): void {
    this.#core.routes[move.component]!.hold(move.tasks);
    for (const peer of this.#tasks.peers) this.#core.ports.outbox(peer).mark(move.id);
    this.#step(move, 'parked', () => this.#park(move));
  }

  #step(move: Move, done: FromMove['type'], run: () => Promise<void>): void {
    this.#steps = this.#steps.then(run).then(
      () => this.#tell({ type: done, move: move.id }),
      (error: unknown) => this.#core.fatal(this.#core.nameOf(move.component), error),
    );
  }

  async #park(move: Move): Promise<void> {
    const { bolts, peers, settled } = this.#tasks;
    const here = bolts.filter((bolt) => isIn(move, bolt));
    if (here.length === 0) return;
    const marked = (): boolean => (this.#marks.get(move.id) ?? 0) === peers.length;
    await settled(() => move.share !== null || marked());
    // A peer died before it had marked: these tasks stay as they are.
    if (!marked()) return;
    await Promise.all(here.map((bolt) => this.#parkTask(bolt)));
  }

  async #parkTask(bolt: RunningBolt): Promise<void> {
    const { component, task, runner, timers } = bolt;
    const keyed = remembersOf(this.#core, component) === 'keyed';
    if (keyed) {
      for (const timer of timers) timer.cancel();
      await Promise.all(timers.map((timer) => timer.running));
      await runner.handOver().catch((error: unknown) => {
        this.#core.fault(component, error, 'in handOver(): ');
      });
    }
    // What is open for longer than a message may take was given up, and comes again.
    const { clock } = this.#core.ports;
    const untilMs = clock.monotonicMs() + this.#core.options.messageTimeoutMs;
    const done = (): boolean => (keyed ? runner.settled : runner.idle);
    await this.#tasks.settled(() => done() || clock.monotonicMs() >= untilMs);
    if (!keyed) return;
    await this.#core.states.flush(component, task);
    this.#tasks.remove(bolt);
  }

  async #take({ component }: Move, moves: readonly GroupMove[]): Promise<void> {
    const name = this.#core.nameOf(component);
    const takers = [...new Set(moves.map(({ to }) => to))];
    const taking = takers.map(async (to) => {
      const state = await this.#core.states.of(component, to);
      const given = moves.filter((move) => move.to === to);
      await takeOver(state, given, (from) => this.#core.ports.groups.read(name, from));
    });
    await Promise.all(taking);
  }

  async #reopen(move: Move, { taskWorkers, groups }: Share): Promise<void> {
    const { component } = move;
    const { worker } = this.#core.options;
    this.#core.replace(component, { taskWorkers, groups });
    const { accepts, bolts } = this.#tasks;
    for (const bolt of [...bolts])
      if (isIn(move, bolt) && taskWorkers[bolt.task] !== worker) await this.#tasks.close(bolt);
    for (const task of move.tasks)
      if (taskWorkers[task] === worker && accepts[component]![task] === undefined)
        await this.#tasks.open(component, task);
  }

  #release(move: Move): void {
    this.#core.routes[move.component]!.release(this.#core, move.share!);
    this.#marks.delete(move.id);
    this.#move = null;
    this.#core.wake();
    // Nobody waits for that.
    const { taskWorkers } = move.share!;
    const { worker } = this.#core.options;
    this.#steps = this.#steps
      .then(() => this.#core.states.leave(move.component, (task) => taskWorkers[task] === worker))
      .catch((error: unknown) => this.#core.fatal(this.#core.nameOf(move.component), error));
  }
}

const isIn = ({ component, tasks }: Move, bolt: RunningBolt): boolean =>
  bolt.component === component && tasks.has(bolt.task);
