/** The processes of a cluster on this machine that can be killed. @module */
import { resolve } from 'node:path';
import { readNote } from '../../runtime/coordinator/leftovers.js';
import { isAlive } from '../../runtime/state/process-id.js';
import { ownerNow } from '../../runtime/state/run-lock.js';
import { folderOf, stateDirOf } from '../../runtime/supervisor/folders.js';

export const PARTS = ['worker', 'supervisor', 'nimbus'] as const;
export type Part = (typeof PARTS)[number];

export interface Victim {
  readonly pid: number;
  /** Null when it is no worker. */
  readonly worker: number | null;
}

/** Those that live now; there is at most one supervisor, and one nimbus. @param cluster the folder of the cluster */
export async function victims(cluster: string, topology: string, part: Part): Promise<Victim[]> {
  if (part !== 'worker') {
    const owner = await ownerNow(folderOf(resolve(cluster), part));
    return owner === undefined ? [] : [{ pid: owner.pid, worker: null }];
  }
  const note = await readNote(stateDirOf(resolve(cluster), topology));
  return (note?.processes ?? []).flatMap((each) =>
    'worker' in each && isAlive(each) ? [{ pid: each.pid, worker: each.worker }] : [],
  );
}
