/**
 * Gives bolts other tasks while a run goes on: leads the workers through the steps of `worker/moving.ts`.
 *
 * What decides is one table on disk. Until it is stored, a death leaves everything where it was; from then on
 * everything is where it was to go. Whoever is left is told so, and who died starts with it: no worker is started
 * while keys are moved.
 *
 * @module
 */
import type { ScalePlan } from '../planner/scale.js';
import type { GroupMove, Share } from '../planner/shares.js';
import type { FromMove, ToMove } from '../worker/move-steps.js';

/** What a run lends. */
export interface ScalingPorts {
  /** Workers that are alive. */
  workers(): readonly number[];
  tell(worker: number, message: ToMove): void;
  /** Has the table on disk; resolves when it is durable, however long that takes. */
  store(component: string, share: Share): Promise<void>;
  /** It is so from now on, also for workers that are started. */
  placed(component: string, share: Share): void;
}

/** A worker died before it was decided: nothing was moved. */
export class ScaleAbandoned extends Error {
  override readonly name = 'ScaleAbandoned';

  constructor(component: string) {
    super(
      `A worker died while the tasks of "${component}" were about to be moved, so that they were not. Try again.`,
    );
  }
}

/** A step that workers are at. */
interface Step {
  readonly done: FromMove['type'];
  readonly waiting: Set<number>;
  /** False when one died first. */
  readonly end: (all: boolean) => void;
}

export class Scaling {
  readonly #ports: ScalingPorts;
  #moves = 0;
  #step: Step | null = null;
  #under: Promise<unknown> | null = null;
  /** A worker died since this move began. */
  #broken = false;

  constructor(ports: ScalingPorts) {
    this.#ports = ports;
  }

  /** Nothing is being moved. */
  get idle(): boolean {
    return this.#under === null;
  }

  /** Resolves when nothing is being moved. */
  async settled(): Promise<void> {
    while (this.#under !== null) await this.#under;
  }

  /** Resolves when the tasks are as planned, and rows flow. One at a time. @throws ScaleAbandoned */
  async scale(plan: ScalePlan): Promise<void> {
    if (plan.tasks.length === 0) return;
    const under = this.#move(plan);
    this.#under = under.catch(() => {});
    await under.finally(() => (this.#under = null));
  }

  heard(worker: number, { type, move }: FromMove): void {
    const step = this.#step;
    if (move !== this.#moves || step?.done !== type) return;
    step.waiting.delete(worker);
    if (step.waiting.size === 0) step.end(true);
  }

  died(worker: number): void {
    this.#broken = true;
    const step = this.#step;
    if (step === null) return;
    step.waiting.delete(worker);
    // Who is left is waited for only when it is decided.
    if (step.done !== 'reopened' || step.waiting.size === 0) step.end(step.done === 'reopened');
  }

  async #move({ component, tasks, moves, keyed, before, after }: ScalePlan): Promise<void> {
    const move = ++this.#moves;
    this.#broken = false;
    const taking = keyed ? moves : [];
    let ready = await this.#all('prepared', (worker) => {
      const takers = [...new Set(takenBy(taking, after, worker).map(({ to }) => to))];
      return { type: 'prepare', move, component, tasks, takers };
    });
    if (ready) ready = await this.#all('parked', () => ({ type: 'hold', move }));
    if (ready && taking.length > 0)
      ready = await this.#all('taken', (worker) => ({
        type: 'take',
        move,
        moves: takenBy(taking, after, worker),
      }));
    if (ready) {
      await this.#ports.store(component, after);
      this.#ports.placed(component, after);
    }
    const share = ready ? after : before;
    await this.#all('reopened', () => ({ type: 'reopen', move, share }));
    for (const worker of this.#ports.workers()) this.#ports.tell(worker, { type: 'release', move });
    if (!ready) throw new ScaleAbandoned(component);
  }

  /** Tells all workers, and waits for them. @returns whether none died before it was decided */
  #all(done: Step['done'], message: (worker: number) => ToMove): Promise<boolean> {
    const decided = done === 'reopened';
    const workers = this.#ports.workers();
    if ((this.#broken && !decided) || workers.length === 0) return Promise.resolve(decided);
    return new Promise<boolean>((resolve) => {
      const end = (all: boolean): void => {
        this.#step = null;
        resolve(all);
      };
      this.#step = { done, waiting: new Set(workers), end };
      for (const worker of workers) this.#ports.tell(worker, message(worker));
    });
  }
}

const takenBy = (
  moves: readonly GroupMove[],
  { taskWorkers }: Share,
  worker: number,
): readonly GroupMove[] => moves.filter(({ to }) => taskWorkers[to] === worker);
