/** What the bolts of this worker remember by key. It outlives their tasks while keys are moved. @module */
import type { Placement } from '../planner/place.js';
import type { GroupState } from '../state/group-state.js';
import type { Ports } from './ports.js';

/** Of the core. */
interface Setting {
  readonly ports: Ports;
  readonly placement: Placement;
  nameOf(component: number): string;
  durably<T>(action: () => Promise<T>): Promise<T>;
}

export class KeyStates {
  readonly #core: Setting;
  /** By component and task. */
  readonly #open = new Map<string, Map<number, GroupState>>();

  constructor(core: Setting) {
    this.#core = core;
  }

  /** That of a task. What is not its own by the placement as it is now is forgotten. */
  async of(component: number, task: number): Promise<GroupState> {
    const state = await this.prepare(component, task);
    const { groups } = this.#core.placement.nodes[component]!;
    state.keep((group) => groups[group] === task);
    return state;
  }

  /** Opens that of a task, if it is not. */
  async prepare(component: number, task: number): Promise<GroupState> {
    const { ports } = this.#core;
    const name = this.#core.nameOf(component);
    const tasks = this.#open.get(name) ?? new Map<number, GroupState>();
    this.#open.set(name, tasks);
    const state = tasks.get(task) ?? (await ports.groups.open(name, task));
    tasks.set(task, state);
    state.durably = (store) => this.#core.durably(store);
    return state;
  }

  /** Stores what a task remembers, if it does. */
  async flush(component: number, task: number): Promise<void> {
    await this.#open.get(this.#core.nameOf(component))?.get(task)?.flush();
  }

  /** Closes those of tasks that are not in this worker, and empties them: their keys are elsewhere. */
  async leave(component: number, stays: (task: number) => boolean): Promise<void> {
    const tasks = this.#open.get(this.#core.nameOf(component));
    for (const [task, state] of tasks ?? []) {
      if (stays(task)) continue;
      tasks!.delete(task);
      state.keep(() => false);
      await this.#core.durably(() => state.close());
    }
  }

  async close(): Promise<void> {
    for (const tasks of this.#open.values())
      for (const state of tasks.values()) await state.close();
    this.#open.clear();
  }
}
