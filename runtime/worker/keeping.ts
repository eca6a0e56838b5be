/** Runs a bolt that keeps rows or awaits: it gets copies, and an emit anchored to that very row; it costs what it costs. @module */
import type { AnyBoltTask } from '../../topology/dsl/bolt.js';
import type { Core } from './core.js';
import type { Accept } from './delivery.js';
import { bound, type Emitters } from './emitters.js';
import type { OpenRows } from './open-rows.js';
import { perform } from './perform.js';

/** What takes the rows; one is done when the promise of `process` is settled. */
export function keeping(
  core: Core,
  component: number,
  task: AnyBoltTask,
  emit: Emitters,
  open: OpenRows,
): Accept {
  return (row) => {
    core.counters.executed[component]!++;
    const kept = (row as { keep(): object }).keep();
    const anchor = open.take();
    perform(
      core,
      component,
      anchor,
      () => task.process!(kept, bound(emit, core.visit, anchor)),
      (failure) => open.settle(anchor, failure),
    );
  };
}
