/**
 * Tells an end for want of memory from others: V8 aborts then, as an assertion of native code does, but Node can be
 * told to write a report before. It is written to the folder of the run's sockets, which is this user's alone, as it
 * holds the environment; the coordinator deletes it when it has looked.
 *
 * @module
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StartMessage } from '../coordinator/protocol.js';

type Life = Pick<StartMessage, 'socketDir' | 'worker' | 'epoch'>;

const fileOf = ({ worker, epoch }: Omit<Life, 'socketDir'>): string =>
  `out-of-memory-${worker}-${epoch}.json`;

/** Called once, in the process of a worker. */
export function reportOutOfMemory({ socketDir, ...life }: Life): void {
  Object.assign(process.report!, {
    reportOnFatalError: true,
    directory: socketDir,
    filename: fileOf(life),
    compact: true,
    // Would look names up.
    excludeNetwork: true,
  });
}

/** Whether that was its end. */
export function diedOutOfMemory({ socketDir, ...life }: Life): boolean {
  const path = join(socketDir, fileOf(life));
  try {
    const { header } = JSON.parse(readFileSync(path, 'utf8')) as { header: { trigger: string } };
    return header.trigger === 'OOMError';
  } catch {
    return false;
  } finally {
    rmSync(path, { force: true });
  }
}
