/** Scaling: how many tasks and workers, then what that would do, then doing it. @module */
import { useSignal } from '@preact/signals';
import type { ScaleResult } from '../../runtime/nimbus/operations.js';
import type { TopologyStatus } from '../../runtime/nimbus/status.js';
import { scale } from '../api.js';
import { tell } from '../notice.js';
import { useAsking } from './asking.js';
import { Dialog } from './dialog.js';
import { NumberField } from './number-field.js';
import { Problems } from './problems.js';
import { requestOf, WORKERS } from './scale-request.js';
import { ScaleChanges } from './scale-changes.js';

interface ScaleOptions {
  readonly topology: TopologyStatus;
  readonly close: () => void;
}

export function ScaleDialog({ topology, close }: ScaleOptions) {
  const { name, components, workers, limit } = topology;
  /** What the reader wrote, by component. */
  const wanted = useSignal<{ readonly [component: string]: number }>({});
  const preview = useSignal<ScaleResult | null>(null);
  const { busy, problem, ask } = useAsking();
  const request = requestOf(wanted.value, topology);
  const want = (component: string, value: number): void => {
    wanted.value = { ...wanted.value, [component]: value };
    preview.value = null;
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (request === null) return;
    const dryRun = preview.value === null;
    ask(async () => {
      const result = await scale(name, { ...request, dryRun });
      if (dryRun) {
        preview.value = result;
        return;
      }
      tell(`${name} is being scaled.`);
      close();
    });
  };
  return (
    <Dialog title={`Scale ${name}`} close={close}>
      <form onSubmit={submit}>
        <div class="fields">
          {components
            .filter(({ role }) => role !== 'spout')
            .map((component) => (
              <NumberField
                key={component.name}
                label={component.name}
                note={component.name === limit?.component ? '▲ limits' : ''}
                now={component.taskWorkers.length}
                most={256}
                unit="task"
                value={wanted.value[component.name]}
                change={(value) => want(component.name, value)}
              />
            ))}
          <NumberField
            label="Workers"
            note=""
            now={workers}
            most={64}
            unit="process"
            value={wanted.value[WORKERS]}
            change={(value) => want(WORKERS, value)}
          />
        </div>
        <div class="preview" aria-live="polite">
          {preview.value !== null && <ScaleChanges changes={preview.value.changes} />}
        </div>
        <Problems text={problem.value} />
        <div class="buttons">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={busy.value || request === null}>
            {preview.value === null ? 'Show what changes' : 'Scale now'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
