/** Says early that the input is not what it was said to be. @module */
import type { Run } from '../runtime/coordinator/run.js';
import { reasonText, totals } from './summary.js';

/** Says so once, when the first 1,000 messages are dead letters and none is acked. */
export function warnWhenAllDie(running: Run, say: (line: string) => void): { stop(): void } {
  const look = (): void => {
    const { acked, deadLetters } = totals(running.components());
    if (acked === 0 && deadLetters < ALL_DEAD_MIN) return;
    clearInterval(watching);
    if (acked > 0) return;
    say(
      `every message so far became a dead letter: ${reasonText(running.reasons())}. Is this the right format for the input? Ctrl-C stops the run.`,
    );
  };
  const watching = setInterval(look, 200);
  return { stop: () => clearInterval(watching) };
}

const ALL_DEAD_MIN = 1000;
