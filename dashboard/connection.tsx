/** Whether the figures are live, and how old they are when they are not. @module */
import { span } from './figures/format.js';
import type { Live } from './live.js';

/**
 * Always as high and at the same place. What is read aloud is that the connection was lost or came back,
 * not each second in between.
 */
export function ConnectionMark({ live }: { live: Live<unknown> }) {
  const state = live.connection.value;
  const known = live.figures.value !== null;
  return (
    <p class={`connection ${state}`}>
      <span role="status">{WORDS[state]}</span>
      {state === 'lost' && known && <span> Figures are {span(live.ageMs.value)} old.</span>}
    </p>
  );
}

const WORDS = {
  connecting: 'Connecting …',
  live: 'Live',
  lost: 'No connection to nimbus, trying again.',
  gone: 'Ended',
};
