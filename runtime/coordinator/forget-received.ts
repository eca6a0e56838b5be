/** What a run has received and is done with is removed from its journals at its end. @module */
import { readCommits } from '../state/commits.js';
import { taskFolder } from '../state/folder.js';
import { forgetDone } from '../state/journal-end.js';
import { journalFolder, PARTITION } from '../state/received.js';

/** Called when nobody writes to the journals any more. */
export async function forgetReceived(
  stateDir: string,
  components: readonly string[],
): Promise<void> {
  for (const component of components) {
    const { positions } = await readCommits(stateDir, component);
    const folder = journalFolder(taskFolder(stateDir, component, 0));
    await forgetDone(folder, positions.get(PARTITION) ?? 0);
  }
}
