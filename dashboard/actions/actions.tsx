/** What can be done with a topology. Without the token it is shown, and does nothing. @module */
import { useSignal } from '@preact/signals';
import type { TopologyState, TopologyStatus } from '../../runtime/nimbus/status.js';
import { token } from '../token.js';
import { DrainDialog, PauseDialog, ResumeDialog } from './change-dialogs.js';
import { KillDialog } from './kill-dialog.js';
import { ScaleDialog } from './scale-dialog.js';

type Action = 'scale' | 'pause' | 'resume' | 'drain' | 'kill';

/** In which states each makes sense. */
const WHEN: { readonly [action in Action]: readonly TopologyState[] } = {
  scale: ['starting', 'running', 'paused'],
  pause: ['starting', 'running'],
  resume: ['paused', 'drained', 'failed'],
  drain: ['running', 'paused'],
  kill: ['starting', 'running', 'paused', 'draining', 'drained', 'completed', 'failed'],
};

export function Actions({ topology }: { topology: TopologyStatus }) {
  const open = useSignal<Action | null>(null);
  const locked = token.value === null;
  // One button for both, so that the focus stays on it.
  const flow: Action = WHEN.resume.includes(topology.state) ? 'resume' : 'pause';
  const actions: readonly (readonly [Action, string])[] = [
    ['scale', 'Scale …'],
    [flow, flow === 'pause' ? 'Pause …' : 'Resume …'],
    ['drain', 'Drain …'],
    ['kill', 'Kill …'],
  ];
  const close = (): void => void (open.value = null);
  return (
    <div class="actions" role="group" aria-label="Actions">
      {actions.map(([action, text], i) => (
        <button
          key={i}
          type="button"
          disabled={locked || !WHEN[action].includes(topology.state)}
          onClick={() => (open.value = action)}
        >
          {text}
        </button>
      ))}
      {locked && (
        <p class="hint">
          To look at only: to change something, open the address with the token that{' '}
          <code>squall cluster start</code> printed.
        </p>
      )}
      {open.value === 'scale' && <ScaleDialog topology={topology} close={close} />}
      {open.value === 'pause' && <PauseDialog topology={topology} close={close} />}
      {open.value === 'resume' && <ResumeDialog topology={topology} close={close} />}
      {open.value === 'drain' && <DrainDialog topology={topology} close={close} />}
      {open.value === 'kill' && <KillDialog topology={topology} close={close} />}
    </div>
  );
}
