/** What is asked of nimbus when a topology is scaled. @module */
import type { ScaleRequest } from '../../runtime/nimbus/operations.js';
import type { TopologyStatus } from '../../runtime/nimbus/status.js';

/** Stands for the workers among the components: no component has this name. */
export const WORKERS = '';

/** Only what differs from now. Null when nothing does, or when a number is none. */
export function requestOf(
  wanted: { readonly [component: string]: number },
  { components, workers }: Pick<TopologyStatus, 'components' | 'workers'>,
): Omit<ScaleRequest, 'dryRun'> | null {
  if (!Object.values(wanted).every((n) => Number.isInteger(n) && n > 0)) return null;
  const tasks: Record<string, number> = {};
  for (const { name, taskWorkers } of components) {
    const n = wanted[name];
    if (n !== undefined && n !== taskWorkers.length) tasks[name] = n;
  }
  const more = wanted[WORKERS];
  const moreWorkers = more !== undefined && more !== workers;
  if (!moreWorkers && Object.keys(tasks).length === 0) return null;
  return moreWorkers ? { tasks, workers: more } : { tasks };
}
