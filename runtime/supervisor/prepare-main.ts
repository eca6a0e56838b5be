/** The process that loads a topology for `prepare`. @module */
import { build } from '../../topology/plan/build.js';
import { loadTopology } from '../artefact/load.js';
import { preparationOf } from '../coordinator/preparation.js';
import { place } from '../planner/place.js';
import type { Answer, Prepared, ToPrepare } from './prepare.js';

process.on('message', (what: ToPrepare) => {
  void answer(what).then((said) => process.send!(said));
});
process.on('disconnect', () => process.exit(1));

async function answer(what: ToPrepare): Promise<Answer> {
  try {
    return { prepared: await prepared(what) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

async function prepared({ source, parameters, assign }: ToPrepare): Promise<Prepared> {
  const topology = preparationOf(build(await loadTopology(source.module), parameters));
  const { plan, receivers } = topology;
  if (assign === undefined) return { plan, receivers, assignments: {}, counters: [] };
  if (plan.hash !== assign.hash)
    throw new Error(
      'The topology builds another plan than when it was submitted: it must not depend on time, chance or the environment.',
    );
  const placement = place(plan, assign.workers, assign.shares);
  const { assignments, counters } = await topology.assign(placement, assign.stateDir);
  return { plan, receivers, assignments, counters: [...counters] };
}
