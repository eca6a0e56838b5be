/**
 * Notes which component is at work on which message before it runs, for a worker that died before: whatever
 * ends the process, also kill -9, leaves the note behind. 2 µs a step, so it is done in later lives only, and
 * for half an hour: what is replayed after a death is done by then.
 *
 * @module
 */
import { openSync, writeSync } from 'node:fs';
import type { AtWork } from './at-work.js';

const PERIOD_MS = 30 * 60_000;

/** @param atWork what runs now */
export function recorder(path: string, atWork: () => AtWork): () => void {
  const fd = openSync(path, 'w', 0o600);
  const untilMs = performance.now() + PERIOD_MS;
  let clearing = false;
  const clear = (): void => {
    clearing = false;
    writeSync(fd, '{}\n', 0);
  };
  return () => {
    if (!clearing) {
      if (performance.now() > untilMs) return;
      clearing = true;
      // What ends the process when all calls have returned was not what they were at.
      queueMicrotask(clear);
    }
    writeSync(fd, `${JSON.stringify(atWork())}\n`, 0);
  };
}
