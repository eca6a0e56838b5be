/**
 * One owner per state folder, and a number for each ownership: the epoch, which fences processes that
 * a former owner left behind.
 *
 * The lock is the file `lock.<epoch>` with the highest epoch; it names its owner. A live owner keeps
 * others out. When it is dead (also by kill -9) or has released the lock, whoever creates `lock.<epoch + 1>`
 * takes it over: creating is exclusive, so of several exactly one does. The highest file is never deleted, so that
 * epochs only grow and nobody can take a lock twice: Lamport's rule for tokens (Kleppmann, "How to do distributed locking").
 *
 * @module
 */
import { join } from 'node:path';
import { files, type Store } from '../store.js';
import { createAtomically, readChecked, withChecksum, writeAtomically } from './atomic-file.js';
import { makeFolder } from './folder.js';
import { isAlive, thisProcess, type ProcessId } from './process-id.js';
import { whenMissing } from './system-error.js';

export interface RunLock {
  /** Grows with each owner of the folder, from 1, for good. */
  readonly epoch: number;
  /** Lets others in. The epoch stays used. */
  release(): Promise<void>;
}

/** Someone else runs on this state folder. */
export class StateInUse extends Error {
  override readonly name = 'StateInUse';
  readonly pid: number;

  constructor(stateDir: string, pid: number) {
    super(
      `The state folder ${stateDir} is in use by another run (pid ${pid}); stop it or give another --state.`,
    );
    this.pid = pid;
  }
}

/**
 * Makes this process the owner of a state folder; makes the folder.
 *
 * @throws StateInUse when a live process owns it
 *
 * @example
 * const lock = await acquire('state');
 * console.log(lock.epoch);
 * await lock.release();
 */
export async function acquire(stateDir: string, store = files): Promise<RunLock> {
  await makeFolder(stateDir, store);
  for (;;) {
    const last = (await epochsOf(stateDir, store)).at(-1) ?? 0;
    const owner = last === 0 ? RELEASED : await ownerOf(stateDir, last, store);
    if (owner === GONE) continue;
    if (owner !== RELEASED && isAlive(owner)) throw new StateInUse(stateDir, owner.pid);
    if (await take(stateDir, last + 1, store)) return locked(stateDir, last + 1, store);
  }
}

/** Who owns a state folder now; undefined when nobody does, or nobody alive. */
export async function ownerNow(stateDir: string): Promise<ProcessId | undefined> {
  const last = (await epochsOf(stateDir, files).catch(whenMissing<number[]>([]))).at(-1) ?? 0;
  const owner = last === 0 ? RELEASED : await ownerOf(stateDir, last, files);
  return owner === RELEASED || owner === GONE || !isAlive(owner) ? undefined : owner;
}

const RELEASED = 'released';
const GONE = 'gone';

const lockFile = (stateDir: string, epoch: number): string => join(stateDir, `lock.${epoch}`);

const locked = (stateDir: string, epoch: number, store: Store): RunLock => ({
  epoch,
  release: () => writeAtomically(lockFile(stateDir, epoch), withChecksum(RELEASED), store),
});

async function take(stateDir: string, epoch: number, store: Store): Promise<boolean> {
  const created = await createAtomically(
    lockFile(stateDir, epoch),
    withChecksum(JSON.stringify(thisProcess())),
    store,
  );
  if (!created) return false;
  const epochs = await epochsOf(stateDir, store);
  if (epochs.at(-1) !== epoch) {
    // We slept since we looked, while others took the lock, left it and cleaned up: this file is of the past.
    await store.rm(lockFile(stateDir, epoch), { force: true });
    return false;
  }
  for (const old of epochs.slice(0, -1)) await store.rm(lockFile(stateDir, old), { force: true });
  return true;
}

/** In growing order. */
async function epochsOf(stateDir: string, store: Store): Promise<number[]> {
  const names = await store.readdir(stateDir);
  const epochs = names.flatMap((name) => /^lock\.(\d+)$/.exec(name)?.[1] ?? []);
  return epochs.map(Number).sort((a, b) => a - b);
}

async function ownerOf(
  stateDir: string,
  epoch: number,
  store: Store,
): Promise<ProcessId | typeof RELEASED | typeof GONE> {
  const text = await readChecked(lockFile(stateDir, epoch), store).catch(whenMissing(GONE));
  return text === RELEASED || text === GONE ? text : JSON.parse(text);
}
