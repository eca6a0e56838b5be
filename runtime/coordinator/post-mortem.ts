/** What is known of a worker's death. @module */
import { rmSync } from 'node:fs';
import type { Killing } from '../ledger/failure.js';
import type { Identity } from '../ledger/identity.js';
import { atWorkPath, readAtWork } from '../worker/at-work.js';
import { diedOutOfMemory } from '../worker/out-of-memory.js';
import type { StartMessage } from './protocol.js';

export interface Death extends Identity {
  readonly worker: number;
  /** For people. */
  readonly how: string;
  readonly kind: Killing['kind'];
  /** What ran in the worker ended it, and nobody from outside did: then what was at work is to blame. */
  readonly own: boolean;
  /** What was at work, where that is known. */
  readonly component: string | undefined;
}

/** Signals that a process gets for what it does itself. */
const FAULTS = new Set(['SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGSEGV', 'SIGSYS', 'SIGTRAP']);

/** Called once, when the worker is gone: what it left is removed. @param how its exit code or signal */
export function postMortem(
  life: Pick<StartMessage, 'stateDir' | 'socketDir' | 'worker' | 'epoch'>,
  how: string,
): Death {
  const path = atWorkPath(life.stateDir, life.worker);
  const { component, message, root, end } = readAtWork(path);
  rmSync(path, { force: true });
  const kind = diedOutOfMemory(life)
    ? 'out-of-memory'
    : end === 'blocked'
      ? 'blocked'
      : 'killed-worker';
  return {
    worker: life.worker,
    how: kind === 'killed-worker' ? how : kind,
    kind,
    own:
      end !== undefined ||
      kind === 'out-of-memory' ||
      how.startsWith('exit code') ||
      FAULTS.has(how),
    component,
    ...(message !== undefined && { message }),
    ...(root !== undefined && { root }),
  };
}
