/** How long keys are going to wait while a bolt is given other tasks. @module */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScalePlan } from '../planner/scale.js';
import { taskFolder } from '../state/folder.js';
import { GROUP_JOURNAL } from '../state/group-journal.js';
import { whenMissing } from '../state/system-error.js';

/** Four words to all workers and back. */
const STEPS_MS = 5;
/** What is stored one after the other: what givers and takers remember, and the table. */
const SYNCS_MS = 25;
/** What a taker reads and stores of a giver's journal: 61 bytes an entry, 4 µs each. */
const BYTES_PER_MS = 15_000;

/** In milliseconds, for the keys of the tasks that change, and 0 when none waits. A rough guess: disks differ. */
export async function expectedPauseMs(
  stateDir: string,
  { component, keyed, moves }: ScalePlan,
): Promise<number> {
  if (moves.length === 0) return 0;
  if (!keyed) return STEPS_MS;
  const givers = [...new Set(moves.map(({ from }) => from))];
  const sizes = await Promise.all(
    givers.map(async (task) => {
      const path = join(taskFolder(stateDir, component, task), GROUP_JOURNAL);
      return stat(path).then(({ size }) => size, whenMissing(0));
    }),
  );
  return STEPS_MS + SYNCS_MS + Math.round(Math.max(...sizes) / BYTES_PER_MS);
}
