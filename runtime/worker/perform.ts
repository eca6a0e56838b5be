/** Runs user code as a part of a message that stays open until the code is done, which may be later. @module */
import type { Failure } from '../ledger/failure.js';
import type { Anchor } from './anchor.js';
import type { Core } from './core.js';
import { isPromise } from './promise.js';

/** @param end called once: when `run` has returned, or when the promise that it returned is settled */
export function perform(
  core: Core,
  component: number,
  anchor: Anchor,
  run: () => unknown,
  end: (failure: Failure | null) => void,
): void {
  const { visit, ports } = core;
  const outer = visit.component;
  let result: unknown;
  let failure: Failure | null = null;
  visit.resume(anchor, () => {
    visit.component = component;
    ports.record?.();
    try {
      result = run();
    } catch (error) {
      failure = core.fault(component, error);
    }
    visit.component = outer;
  });
  ports.record?.();
  if (!isPromise(result)) return end(failure);
  result.then(
    () => end(null),
    (error: unknown) => end(core.fault(component, error)),
  );
}
