/** Whether a reader of Varnish's log has begun to read, as Linux tells of it. @module */
import { existsSync, readFileSync } from 'node:fs';

/** Whether this machine tells it. */
export const canTell = (): boolean => existsSync('/proc/self/maps');

/** Whether all that is logged from now on is read: once it has the log open, a reader sleeps only at the log's end. */
export function isReading(pid: number): boolean {
  try {
    return (
      readFileSync(`/proc/${pid}/maps`, 'latin1').includes('/_.vsm_child/_.Log.') &&
      /^State:\s+S/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))
    );
  } catch {
    // It has ended, and is started again.
    return false;
  }
}
