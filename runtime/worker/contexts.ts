/** What tasks are opened with. @module */
import type { BoltContext, Context, Streams } from '../../topology/dsl/context.js';
import type { KeyedState } from '../../topology/dsl/state.js';
import type { BoltRunner } from './bolt-runner.js';
import type { Core } from './core.js';
import { Periodic } from './periodic.js';

export function contextOf(core: Core, component: number, task: number): Context {
  const { ports, options, built } = core;
  const { name, taskWorkers } = core.placement.nodes[component]!;
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
    warn: (message) => core.notice(component, message, task),
    ...core.own.of(name),
  };
}

/** @param timers what `every` makes is put here */
export function boltContextOf(
  core: Core,
  component: number,
  task: number,
  runner: BoltRunner,
  timers: Periodic[],
): BoltContext {
  return Object.assign(contextOf(core, component, task), {
    state: async () => patient(core, await core.ports.state(core.nameOf(component), task)),
    hold: () => runner.hold(),
    emitting: (run, done, failed) => runner.emitting(run as never, done, failed),
    ending: () => core.ending,
    durably: (action) => core.durably(action),
    every: (periodMs, call) => void timers.push(new Periodic(core, component, periodMs, call)),
  } satisfies Omit<BoltContext<Streams>, keyof Context>);
}

/** A state whose `flush` waits for room on a full disk, as that of a sink does. */
const patient = (core: Core, state: KeyedState): KeyedState => ({
  get: (key) => state.get(key),
  put: (key, value) => state.put(key, value),
  increment: (key, by) => state.increment(key, by),
  delete: (key) => state.delete(key),
  entries: () => state.entries(),
  flush: () => core.durably(() => state.flush()),
});
