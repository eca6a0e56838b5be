/** What Ctrl-C and SIGTERM do to a run. @module */
import type { Run } from '../runtime/coordinator/run.js';

export interface Stop {
  /** Whether it was ended by force, with messages in flight. */
  readonly atOnce: boolean;
}

/** The first signal drains, the second stops at once, and so does the end of the time given. */
export function stopOnSignals(
  running: Run,
  drainTimeoutMs: number,
  say: (line: string) => void,
): Stop {
  const stop = { atOnce: false };
  let draining = false;
  const signalled = (): void => {
    if (draining) {
      stop.atOnce = true;
      return running.abort();
    }
    draining = true;
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
