/** The usual way to run a bolt: a row is done when `process` returns. @module */
import type { AnyBoltTask } from '../../topology/dsl/bolt.js';
import { generated } from '../../topology/rows/generate.js';
import type { Core } from './core.js';
import type { Accept } from './delivery.js';
import type { Emitters } from './emitters.js';

/** The generated call (14 ns a hop): one target for `process`, and no promise expected. */
export function synchronous(
  core: Core,
  component: number,
  task: AnyBoltTask,
  emit: Emitters,
  narrow: (row: object) => object,
): Accept {
  const { visit, counters, ports } = core;
  const source = `
return (row) => {
  const outer = visit.component;
  visit.component = ${component};
  ${ports.record === undefined ? '' : 'record();'}
  executed[${component}]++;
  const startMs = visit.sampled ? clock.monotonicMs() : -1, outerChildMs = visit.childMs;
  visit.childMs = 0;
  try {
    const result = task.process(narrow(row), emit);
    if (result !== undefined && result !== null && typeof result.then === 'function') misused(result);
    else acked[${component}]++;
  } catch (error) {
    failed(error);
  }
  if (startMs >= 0) visit.timed(latency, startMs, outerChildMs, clock.monotonicMs());
  visit.component = outer;
  ${ports.record === undefined ? '' : 'record();'}
};`;
  return generated(
    source,
    {
      visit,
      record: ports.record,
      clock: ports.clock,
      executed: counters.executed,
      acked: counters.acked,
      latency: counters.latency[component],
      task,
      emit,
      narrow,
      misused: (result: PromiseLike<unknown>) => misused(core, component, result),
      failed: (error: unknown) => core.failVisit(component, core.fault(component, error)),
    },
    `accept-${core.nameOf(component)}`,
  );
}

function misused(core: Core, component: number, result: PromiseLike<unknown>): void {
  result.then(undefined, () => {});
  core.failVisit(component, {
    kind: 'failed',
    component: core.nameOf(component),
    code: 'async-without-keeps',
  });
  core.notice(
    component,
    'process() returned a promise; declare keeps: true, as a row dies when process() returns.',
  );
}
