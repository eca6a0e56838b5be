/** What tasks are opened with. @module */
import type { Remembers } from '../../topology/dsl/bolt.js';
import type { BoltContext, Context, Streams } from '../../topology/dsl/context.js';
import type { KeyedState, StateByKey } from '../../topology/dsl/state.js';
import type { BoltRunner } from './bolt-runner.js';
import type { Core } from './core.js';
import { Periodic } from './periodic.js';

export function contextOf(core: Core, component: number, task: number): Context {
  const { ports, options, built } = core;
  const { name } = core.placement.nodes[component]!;
  return {
    topology: built.plan.name,
    component: name,
    task,
    get tasks() {
      return core.placement.nodes[component]!.taskWorkers.length;
    },
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
    state: async () => {
      refuseState(core, component);
      return patient(core, await core.ports.state(core.nameOf(component), task));
    },
    keyedState: () => keyedState(core, component, task, runner),
    hold: () => runner.hold(),
    emitting: (run, done, failed) => runner.emitting(run as never, done, failed),
    ending: () => core.ending,
    durably: (action) => core.durably(action),
    every: (periodMs, call) => void timers.push(new Periodic(core, component, periodMs, call)),
  } satisfies Omit<BoltContext<Streams>, keyof Context>);
}

async function keyedState(
  core: Core,
  component: number,
  task: number,
  runner: BoltRunner,
): Promise<StateByKey> {
  if (remembersOf(core, component) !== 'keyed')
    throw new Error(
      "keyedState: declare remembers: 'keyed', so that the state goes where the keys go.",
    );
  const inputs = core.placement.edges.filter(({ to }) => to === component);
  if (!inputs.every(({ grouping }) => grouping.how === 'by'))
    throw new Error('keyedState: rows must come by key. Wire every input with .by(…).');
  const state = await core.states.of(component, task);
  return {
    here: () => state.of(runner.group),
    parts: () => state.parts(),
    flush: () => state.flush(),
  };
}

function refuseState(core: Core, component: number): void {
  if (remembersOf(core, component) !== undefined)
    throw new Error(
      'state: what a bolt that declares `remembers` keeps must go where its keys go. Use keyedState().',
    );
}

/** What a bolt says that its tasks remember. */
export const remembersOf = ({ built }: Core, component: number): Remembers | undefined => {
  const declared = built.components.get(built.plan.nodes[component]!.name)!;
  return declared.role === 'bolt' ? declared.component.remembers : undefined;
};

/** A state whose `flush` waits for room on a full disk, as that of a sink does. */
const patient = (core: Core, state: KeyedState): KeyedState => ({
  get: (key) => state.get(key),
  put: (key, value) => state.put(key, value),
  increment: (key, by) => state.increment(key, by),
  delete: (key) => state.delete(key),
  entries: () => state.entries(),
  flush: () => core.durably(() => state.flush()),
});
