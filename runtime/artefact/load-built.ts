/** The topology of a run, built again in another of its processes. @module */
import { build, type Built } from '../../topology/plan/build.js';
import { loadTopology } from './load.js';

/** @throws Error when it does not come out as in the coordinator, which is `hash` */
export async function loadBuilt(module: string, parameters: unknown, hash: string): Promise<Built> {
  const built = build(await loadTopology(module), parameters);
  if (built.plan.hash === hash) return built;
  throw new Error(
    'The topology builds another plan in the worker than in the coordinator: it must not depend on time, chance or the environment.',
  );
}
