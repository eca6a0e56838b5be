/** Says what a change will do, and makes it when it is confirmed. @module */
import type { ComponentChildren } from 'preact';
import { tell } from '../notice.js';
import { useAsking } from './asking.js';
import { Dialog } from './dialog.js';
import { Problems } from './problems.js';

interface ConfirmOptions {
  readonly title: string;
  /** On the button that makes it. */
  readonly verb: string;
  readonly request: () => Promise<unknown>;
  /** Told when nimbus has taken it. */
  readonly done: string;
  /** What must be given first is not there yet. */
  readonly incomplete?: boolean;
  readonly close: () => void;
  readonly children: ComponentChildren;
}

export function ConfirmDialog(options: ConfirmOptions) {
  const { title, verb, request, done, incomplete = false, close, children } = options;
  const { busy, problem, ask } = useAsking();
  const submit = (event: Event): void => {
    event.preventDefault();
    ask(async () => {
      await request();
      tell(done);
      close();
    });
  };
  return (
    <Dialog title={title} close={close}>
      <form onSubmit={submit}>
        {children}
        <Problems text={problem.value} />
        <div class="buttons">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={busy.value || incomplete}>
            {verb}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
