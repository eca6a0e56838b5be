/**
 * Where the rows of each component go from this worker, and the rows that wait while tasks change.
 *
 * A sender looks its task up with every row, so that a change of the table is seen by all at once. A key
 * group that is being moved stands in the table as `HELD`: its rows are kept here, in their order, and are sent when
 * the group is where it goes.
 *
 * @module
 */
import type { PlacedNode } from '../planner/place.js';
import type { Share } from '../planner/shares.js';
import type { Failure } from '../ledger/failure.js';
import { settle, type Acks, type Anchor } from './anchor.js';
import type { Visit } from './visit.js';

/** No task has this number. */
export const HELD = 0xffff;

/** Of the core. */
interface Messages {
  readonly visit: Visit;
  readonly acks: Acks;
  fault(component: number, error: unknown): Failure;
  failVisit(component: number, failure: Failure): void;
}

interface HeldRow {
  readonly anchor: Anchor;
  readonly send: () => void;
}

export class Route {
  taskWorkers: readonly number[];
  /** The task of each key group, or `HELD`. */
  readonly groups: Uint16Array;
  /** How many tasks, from 0, rows are dealt out to where any task will do. */
  dealt: number;
  #held: HeldRow[] = [];

  constructor({ taskWorkers, groups }: PlacedNode) {
    this.taskWorkers = taskWorkers;
    this.groups = Uint16Array.from(groups);
    this.dealt = taskWorkers.length;
  }

  /** From now on these tasks get no row. */
  hold(tasks: ReadonlySet<number>): void {
    for (const [group, task] of this.groups.entries())
      if (tasks.has(task)) this.groups[group] = HELD;
    // Tasks that begin or end are the last ones.
    this.dealt = Math.min(this.dealt, ...tasks);
  }

  /** Keeps a row of the component `from` until `release`, which gives it to `accept` again. */
  keep(core: Messages, from: number, row: object, accept: (row: object) => void): void {
    const kept = (row as { keep(): object }).keep();
    const send = (): void => {
      try {
        accept(kept);
      } catch (error) {
        core.failVisit(from, core.fault(from, error));
      }
    };
    this.#held.push({ anchor: core.visit.anchor(), send });
  }

  /** Tasks are where `share` says: sends what waited, and holds no more. */
  release({ visit, acks }: Messages, { taskWorkers, groups }: Share): void {
    this.taskWorkers = taskWorkers;
    this.groups.set(groups);
    this.dealt = taskWorkers.length;
    const held = this.#held;
    this.#held = [];
    for (const { anchor, send } of held) {
      visit.resume(anchor, send);
      settle(anchor, acks, null);
    }
  }
}
