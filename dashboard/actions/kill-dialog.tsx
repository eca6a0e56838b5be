/** Killing a topology: whoever does it writes its name. @module */
import { useSignal } from '@preact/signals';
import type { TopologyStatus } from '../../runtime/nimbus/status.js';
import { kill } from '../api.js';
import { ConfirmDialog } from './confirm-dialog.js';

interface KillOptions {
  readonly topology: TopologyStatus;
  readonly close: () => void;
}

export function KillDialog({ topology: { name, stateDir }, close }: KillOptions) {
  const typed = useSignal('');
  return (
    <ConfirmDialog
      title={`Kill ${name}?`}
      verb="Kill"
      request={() => kill(name)}
      done={`${name} is killed.`}
      incomplete={typed.value !== name}
      close={close}
    >
      <ul>
        <li>Its workers end at once. What is in flight is not finished.</li>
        <li>The cluster forgets it. Its state stays in {stateDir}.</li>
      </ul>
      <label class="field">
        <span>
          Write its name, <b>{name}</b>, to confirm
        </span>
        <input
          type="text"
          autocomplete="off"
          spellcheck={false}
          value={typed.value}
          onInput={({ currentTarget }) => (typed.value = currentTarget.value)}
        />
      </label>
    </ConfirmDialog>
  );
}
