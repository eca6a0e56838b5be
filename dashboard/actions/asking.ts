/** A request that a dialog makes: whether it is under way, and what came of it. @module */
import { useSignal, type ReadonlySignal } from '@preact/signals';
import { Problem } from '../api.js';

export interface Asking {
  readonly busy: ReadonlySignal<boolean>;
  /** Why the last one failed; empty when it did not. */
  readonly problem: ReadonlySignal<string>;
  /** Makes it, unless one is under way. */
  ask(request: () => Promise<void>): void;
}

export function useAsking(): Asking {
  const busy = useSignal(false);
  const problem = useSignal('');
  const run = async (request: () => Promise<void>): Promise<void> => {
    busy.value = true;
    problem.value = '';
    try {
      await request();
    } catch (error) {
      problem.value = error instanceof Problem ? error.message : String(error);
    } finally {
      busy.value = false;
    }
  };
  return { busy, problem, ask: (request) => void (busy.value || run(request)) };
}
