/** The state of a topology: a word, and a shape for whoever sees no colours. @module */
import type { TopologyState, TopologySummary } from '../runtime/nimbus/status.js';

const SHAPES: { readonly [state in TopologyState]: string } = {
  starting: '○',
  running: '●',
  paused: '‖',
  draining: '◐',
  drained: '◌',
  completed: '✓',
  failed: '✕',
  killing: '✕',
};

export function StateMark({ topology }: { topology: TopologySummary }) {
  const { state, generation, reached } = topology;
  return (
    <span class={`state ${state}`}>
      <span aria-hidden="true">{SHAPES[state]} </span>
      {state}
      {reached < generation && state !== 'failed' && ', changing …'}
    </span>
  );
}
