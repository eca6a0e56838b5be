/** Whether a reader has Varnish's log open: Linux tells, in /proc. @module */
import { readFile } from 'node:fs/promises';

/** The log as a reader maps it, in the folder of its instance. */
const LOG = '/_.vsm_child/_.Log.';

/**
 * Whether all that is logged from now on is read by that process: once it has the log open, it sleeps only at the
 * log's end. Undefined where nothing tells: the process is gone, or there is no /proc.
 */
export async function hasLogOpen(pid: number | undefined): Promise<boolean | undefined> {
  try {
    if (!(await readFile(`/proc/${pid}/maps`, 'latin1')).includes(LOG)) return false;
    return /^State:\s+S/m.test(await readFile(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return undefined;
  }
}
