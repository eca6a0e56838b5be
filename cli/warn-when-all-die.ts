/** Says early that the input is not what it was said to be. @module */
import type { Run } from '../runtime/coordinator/run.js';
import { reasonText, totals } from './summary.js';

/** Says so once, when the first 1,000 messages are dead letters and none is acked. */
export function warnWhenAllDie(running: Run, say: (line: string) => void): { stop(): void } {
  let known = false;
  const look = (): void => {
    const { acked, deadLetters } = totals(running.components());
    if (known || (acked === 0 && deadLetters < ALL_DEAD_MIN)) return;
    known = true;
    if (acked > 0) return;
    const reasons = running.reasons();
    const cause = bySink(running, reasons[0]?.[0] ?? '')
      ? 'The sink refuses what it is given: do its options fit what it writes to? If not,'
      : 'Is this the right format for the input? If not,';
    say(`every message so far became a dead letter: ${reasonText(reasons)}. ${cause} ${NEXT}`);
  };
  const watching = setInterval(look, 200);
  return {
    stop() {
      clearInterval(watching);
      // A short run is over before anyone looked.
      look();
    },
  };
}

/** Whether a sink rejected it: a reason begins with the name of its component. */
const bySink = (running: Run, reason: string): boolean =>
  running
    .components()
    .some(({ name, role }) => role === 'sink' && reason.startsWith(`rejected(${name}, `));

const NEXT = 'mend it and give another --state: what was read so far counts as done.';

const ALL_DEAD_MIN = 1000;
