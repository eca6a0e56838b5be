/** Who has which keys in a run: on disk, and as workers are told. @module */
import type { Plan } from '../../topology/plan/plan.js';
import { systemClock } from '../clock.js';
import { place, type Placement } from '../planner/place.js';
import type { Share, Shares } from '../planner/shares.js';
import { durably } from '../state/durably.js';
import { storeShares, type KeptShares } from '../state/kept-shares.js';
import { firstShares } from './first-shares.js';

export class RunShares {
  readonly #plan: Plan;
  readonly #workers: number;
  readonly #stateDir: string;
  #kept: KeptShares = {};
  #shares: Shares = {};

  constructor(plan: Plan, workers: number, stateDir: string) {
    this.#plan = plan;
    this.#workers = workers;
    this.#stateDir = stateDir;
  }

  /** Of bolts that do not have the tasks that the plan gives them. */
  get shares(): Shares {
    return this.#shares;
  }

  get placement(): Placement {
    return place(this.#plan, this.#workers, this.#shares);
  }

  /** Goes on from what an earlier run on the state folder left. */
  async begin(): Promise<void> {
    const { kept, shares } = await firstShares(this.#plan, this.#workers, this.#stateDir);
    this.#kept = kept;
    this.#shares = shares;
  }

  /** Has it on disk, however long that takes. @param stalled is told why it cannot be written, and null when it can again */
  async store(
    component: string,
    { taskWorkers, groups }: Share,
    stalled: (code: string | null) => void,
  ): Promise<void> {
    const { nodes } = place(this.#plan, this.#workers);
    const planned = nodes.find(({ name }) => name === component)!.taskWorkers.length;
    const kept = { ...this.#kept, [component]: { planned, tasks: taskWorkers.length, groups } };
    await durably(() => storeShares(this.#stateDir, kept), {
      clock: systemClock,
      onStall: stalled,
      onResume: () => stalled(null),
    });
    this.#kept = kept;
  }

  /** It is so from now on. */
  place(component: string, share: Share): void {
    this.#shares = { ...this.#shares, [component]: share };
  }
}
