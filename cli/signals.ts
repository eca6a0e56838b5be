/** What Ctrl-C and SIGTERM do to a run. @module */
import type { Run } from '../runtime/coordinator/run.js';

export interface Stop {
  /** Whether it was ended by force, with messages in flight. */
  readonly atOnce: boolean;
}

const SAME_SIGNAL_MS = 300;

/** The first signal drains, the second stops at once, and so does the end of the time given. */
export function stopOnSignals(
  running: Run,
  drainTimeoutMs: number,
  say: (line: string) => void,
): Stop {
  const stop = { atOnce: false };
  let firstMs: number | null = null;
  const signalled = (): void => {
    if (firstMs !== null) {
      // One Ctrl-C may come twice: from the terminal, and from a parent such as npm that passes it on.
      if (performance.now() - firstMs < SAME_SIGNAL_MS) return;
      stop.atOnce = true;
      return running.abort();
    }
    firstMs = performance.now();
    say('stopping: what is in flight finishes first; once more to stop at once');
    running.drain();
    setTimeout(() => {
      stop.atOnce = true;
      running.abort(`not everything in flight was done within ${drainTimeoutMs / 1000} s`);
    }, drainTimeoutMs).unref();
  };
  process.on('SIGINT', signalled);
  process.on('SIGTERM', signalled);
  return stop;
}
