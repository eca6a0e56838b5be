/** The first thing to read: what keeps the topology from going faster, or why it does not run. @module */
import type { TopologyStatus } from '../../runtime/nimbus/status.js';
import { remedy, whyItLimits } from '../figures/limit.js';
import { choose } from '../place.js';

export function LimitNote({ topology }: { topology: TopologyStatus }) {
  const { limit, state, reason, components } = topology;
  const component = components.find(({ name }) => name === limit?.component);
  if (state === 'failed' || reason !== null)
    return (
      <p class={state === 'failed' ? 'limit-note limited' : 'limit-note'}>
        <strong>{state === 'failed' ? '✕ It failed' : 'It waits'}</strong>
        <span>{reason ?? 'Its log says why.'}</span>
      </p>
    );
  if (limit === null || component === undefined)
    return (
      <p class="limit-note">
        <strong>Nothing limits it</strong>
        <span>No component is at its capacity, and no spout is kept from emitting.</span>
      </p>
    );
  return (
    <p class="limit-note limited">
      <strong>
        <span aria-hidden="true">▲ </span>
        <button type="button" class="link" onClick={() => choose(component.name)}>
          {component.name}
        </button>{' '}
        limits this topology
      </strong>
      <span>
        {whyItLimits(component, limit.why)} {remedy(component, limit.why)}
      </span>
    </p>
  );
}
