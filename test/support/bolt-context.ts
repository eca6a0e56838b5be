/** A context for what bolts open by hand. @module */
import { setTimeout as sleep } from 'node:timers/promises';
import { OwnMetrics } from '../../runtime/metrics/own-metrics.js';
import type { BoltContext } from '../../topology/dsl/context.js';

/** Tries again what fails with a code, as a worker does, but at once. */
export function boltContext(parts: Partial<BoltContext> = {}): BoltContext {
  const unused = (): never => {
    throw new Error('This context does not do that.');
  };
  return {
    topology: 'test',
    component: 'bolt',
    task: 0,
    tasks: 1,
    worker: 0,
    stateDir: '',
    now: () => Date.now(),
    warn: () => {},
    ...new OwnMetrics().of('bolt'),
    hold: unused,
    emitting: unused,
    state: unused,
    keyedState: unused,
    ending: () => false,
    every: () => {},
    durably: async (action) => {
      for (;;) {
        try {
          return await action();
        } catch (error) {
          if (!(error instanceof Error && 'code' in error)) throw error;
          await sleep(5);
        }
      }
    },
    ...parts,
  };
}
