/**
 * What a run leaves behind when it is killed, and how the next one on its state folder clears it.
 *
 *     <state>/workers.json     its processes, and the folder of their sockets
 *     <state>/at-work-<n>      which component a worker was at
 *     <state>/over/            what it was about to forget
 *
 * @module
 */
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeAtomically } from '../state/atomic-file.js';
import { isAlive, processOf, type ProcessId } from '../state/process-id.js';
import { whenMissing } from '../state/system-error.js';

/** The folder of a run's sockets begins like this. */
export const SOCKETS_PREFIX = join(tmpdir(), 'squall-');

/** What a process of a run is there for. */
export type NotedRole =
  | { readonly worker: number; readonly epoch: number }
  | { readonly receives: string };

export type NotedProcess = ProcessId & NotedRole;

interface Noted {
  readonly sockets: string;
  readonly processes: readonly NotedProcess[];
}

const notePath = (stateDir: string): string => join(stateDir, 'workers.json');

/** Notes what a run that is killed now would leave. A note that cannot be written is done without. */
export async function note(
  stateDir: string,
  sockets: string,
  processes: readonly (NotedRole & { readonly pid: number })[],
): Promise<void> {
  const noted: Noted = {
    sockets,
    processes: processes.map((each) => ({ ...each, ...processOf(each.pid) })),
  };
  await writeAtomically(notePath(stateDir), JSON.stringify(noted)).catch(() => {});
}

export const readNote = (stateDir: string): Promise<Noted | undefined> =>
  readFile(notePath(stateDir), 'utf8').then(
    (text) => JSON.parse(text) as Noted,
    whenMissing(undefined),
  );

/** Nothing is left: the run ended as it should. */
export const forgetNote = (stateDir: string): Promise<void> =>
  rm(notePath(stateDir), { force: true });

/** Ends processes that outlived their run, and removes its files. Called by the owner of the folder, before anything else is read. */
export async function clearLeftovers(stateDir: string): Promise<void> {
  const noted = await readNote(stateDir);
  for (const each of noted?.processes ?? []) await end(each);
  if (noted !== undefined && isSockets(noted.sockets))
    await rm(noted.sockets, { recursive: true, force: true });
  await rm(overPath(stateDir), { recursive: true, force: true });
  for (const name of await readdir(stateDir))
    if (name.startsWith('at-work-')) await rm(join(stateDir, name));
}

/** A folder is removed by its name: it must not be any. */
const isSockets = (path: string): boolean =>
  path.startsWith(SOCKETS_PREFIX) && dirname(path) === dirname(SOCKETS_PREFIX);

/** Workers end by themselves when their coordinator dies, unless they hang. */
async function end(worker: ProcessId): Promise<void> {
  // Where processes cannot be told apart, a stranger may have got the number.
  if (worker.started === undefined || !isAlive(worker)) return;
  process.kill(worker.pid, 'SIGKILL');
  while (isAlive(worker)) await new Promise((resolve) => setTimeout(resolve, 5));
}

const overPath = (stateDir: string): string => join(stateDir, 'over');

/**
 * Forgets how far a run came, what its tasks kept and whose it was, so that the next one begins anew. By
 * renaming: half of the commits would have it go on where there is nothing to go on with.
 */
export async function forget(stateDir: string): Promise<void> {
  await mkdir(overPath(stateDir));
  for (const name of ['tasks', 'commits', 'plan']) {
    await rename(join(stateDir, name), join(overPath(stateDir), name)).catch(
      whenMissing(undefined),
    );
  }
  await rm(overPath(stateDir), { recursive: true });
}
