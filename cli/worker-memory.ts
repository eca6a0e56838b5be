/** How much heap a worker may have. @module */
import { totalmem } from 'node:os';

/** What Node itself takes on a large machine. */
const MB_MAX = 4096;
/** Below it a worker with 32,768 messages in flight has no room to work in. */
const MB_MIN = 256;
const BYTES_PER_MB = 2 ** 20;

/**
 * Half of what this process may use, shared out among the workers. The other half is for what is not in the heap:
 * buffers of rows and sockets, the page cache. If all workers could fill the memory, the kernel would choose whom to kill,
 * and not say why.
 */
export function defaultWorkerMemoryMb(workers: number): number {
  // Without a cgroup's limit it is 0, undefined or more than there is.
  const limit = process.constrainedMemory() || Infinity;
  const share = Math.min(limit, totalmem()) / BYTES_PER_MB / 2 / workers;
  return Math.round(Math.min(MB_MAX, Math.max(MB_MIN, share)));
}
