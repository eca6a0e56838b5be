/** What the tasks of a run begin with: who reads what, and where an earlier run on its state folder came to. @module */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Built } from '../../topology/plan/build.js';
import type { Placement } from '../planner/place.js';
import { readCommits } from '../state/commits.js';
import { whenMissing } from '../state/system-error.js';
import type { Assignments } from '../worker/engine.js';
import type { SpoutCounters } from '../worker/ports.js';

export interface Assigned {
  readonly assignments: Assignments;
  /** Of earlier runs, by spout. */
  readonly counters: ReadonlyMap<string, SpoutCounters>;
}

/** @throws SourceError when a component cannot do what it was told to, or its state is that of other tasks */
export async function assign(
  { nodes }: Placement,
  { components }: Built,
  stateDir: string,
): Promise<Assigned> {
  const assignments: Record<string, readonly unknown[]> = {};
  const before = new Map<string, SpoutCounters>();
  for (const { name, taskWorkers } of nodes) {
    const declared = components.get(name)!;
    if (declared.role === 'bolt' && declared.component.remembers !== 'keyed')
      await refuseOtherTasks(stateDir, name, taskWorkers.length);
    if (declared.role === 'sink') await asked(name, () => declared.component.check?.());
    if (declared.role !== 'spout') continue;
    const { positions, counters } = await readCommits(stateDir, name, taskWorkers.length);
    before.set(name, counters);
    const shares = await asked(name, () =>
      declared.component.assign?.(taskWorkers.length, positions),
    );
    assignments[name] = shares ?? [];
  }
  return { assignments, counters: before };
}

/** A component cannot do what it was told to, e.g. a spout read its source: nothing was started. */
export class SourceError extends Error {
  override readonly name = 'SourceError';

  constructor(component: string, cause: unknown) {
    super(`${component}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

async function asked<T>(component: string, ask: () => T): Promise<Awaited<T>> {
  try {
    return await ask();
  } catch (error) {
    throw new SourceError(component, error);
  }
}

/** State is kept per task, and a key belongs to one: with another number of tasks rows would miss the state of their key. */
async function refuseOtherTasks(stateDir: string, component: string, tasks: number): Promise<void> {
  const folder = join(stateDir, 'tasks');
  const own = await foldersOf(stateDir, component);
  const sizes = await stateSizes(stateDir, component);
  // Left by a run that never began, or had nothing to keep.
  if (sizes.every((bytes) => bytes === 0))
    for (const name of own) await rm(join(folder, name), { recursive: true });
  else if (own.length !== tasks) {
    const problem = `the state folder ${stateDir} holds the state of ${own.length} of its tasks, and now there would be ${tasks}, so that keys would be in other tasks than their state.`;
    throw new SourceError(
      component,
      new Error(
        `${problem} Finish that run with as many workers as before, or give another --state.`,
      ),
    );
  }
}

/** Of the folders of its tasks, in bytes. */
export const stateSizes = async (stateDir: string, component: string): Promise<number[]> =>
  Promise.all(
    (await foldersOf(stateDir, component)).map((name) => bytesIn(join(stateDir, 'tasks', name))),
  );

async function foldersOf(stateDir: string, component: string): Promise<string[]> {
  const names = await readdir(join(stateDir, 'tasks')).catch(whenMissing<string[]>([]));
  return names.filter((name) => name.slice(0, name.lastIndexOf('-')) === component);
}

async function bytesIn(folder: string): Promise<number> {
  const files = await readdir(folder);
  const stats = await Promise.all(files.map((file) => stat(join(folder, file))));
  return stats.reduce((sum, { size }) => sum + size, 0);
}
