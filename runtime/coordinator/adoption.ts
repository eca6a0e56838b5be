/**
 * What a coordinator that was killed has left, for the next one to go on with: processes that run on
 * without it, and what it had told them.
 *
 *     <state>/workers.json    the processes
 *     <state>/assigned.json   what the tasks of the run began with
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../../topology/plan/plan.js';
import { writeAtomically } from '../state/atomic-file.js';
import { isAlive } from '../state/process-id.js';
import { whenMissing } from '../state/system-error.js';
import type { Assigned } from './assign.js';
import { readNote, type NotedProcess, type NotedRole } from './leftovers.js';

export interface Adoptable {
  readonly sockets: string;
  readonly assigned: Assigned;
  /** Those that live. */
  readonly processes: readonly NotedProcess[];
  /** The last epoch of each worker that does not. */
  readonly dead: ReadonlyMap<number, number>;
}

interface Noted {
  readonly hash: string;
  readonly workers: number;
  readonly assignments: Assigned['assignments'];
  readonly counters: readonly (readonly [
    string,
    Assigned['counters'] extends ReadonlyMap<string, infer C> ? C : never,
  ])[];
}

const assignedPath = (stateDir: string): string => join(stateDir, 'assigned.json');

/** Notes what a coordinator would have to know to go on with the processes of this one. */
export function noteAssigned(
  stateDir: string,
  { hash }: Plan,
  workers: number,
  { assignments, counters }: Assigned,
): Promise<void> {
  const noted: Noted = { hash, workers, assignments, counters: [...counters] };
  return writeAtomically(assignedPath(stateDir), JSON.stringify(noted));
}

/** Null when nothing lives of a run of this plan with as many workers: then it begins anew, from its commits. */
export async function adoptable(
  stateDir: string,
  { hash }: Plan,
  workers: number,
): Promise<Adoptable | null> {
  const left = await readNote(stateDir);
  const noted = await readFile(assignedPath(stateDir), 'utf8').then(
    (text) => JSON.parse(text) as Noted,
    whenMissing(undefined),
  );
  if (left === undefined || noted?.hash !== hash || noted.workers !== workers) return null;
  const processes = left.processes.filter(isAlive);
  if (!processes.some(isWorker)) return null;
  const dead = left.processes.filter((each) => isWorker(each) && !isAlive(each));
  return {
    sockets: left.sockets,
    assigned: { assignments: noted.assignments, counters: new Map(noted.counters) },
    processes,
    dead: new Map(dead.flatMap((each) => (isWorker(each) ? [[each.worker, each.epoch]] : []))),
  };
}

export const isWorker = <R extends NotedRole>(
  role: R,
): role is R & { worker: number; epoch: number } => 'worker' in role;
