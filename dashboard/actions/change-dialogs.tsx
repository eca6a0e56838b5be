/** Pausing, resuming and draining: what each will do, in the figures of now. @module */
import type { TopologyStatus } from '../../runtime/nimbus/status.js';
import { change } from '../api.js';
import { rate, several } from '../figures/format.js';
import { ConfirmDialog } from './confirm-dialog.js';

interface ChangeOptions {
  readonly topology: TopologyStatus;
  readonly close: () => void;
}

export const PauseDialog = ({ topology, close }: ChangeOptions) => (
  <ConfirmDialog
    title={`Pause ${topology.name}?`}
    verb="Pause"
    request={() => change(topology.name, 'pause')}
    done={`${topology.name} pauses.`}
    close={close}
  >
    <ul>
      <li>Its spouts emit nothing more; now they emit {rate(topology.rates.emitted)}.</li>
      <li>{inFlight(topology)} in flight finish and are committed.</li>
      <li>Its {several(topology.workers, 'worker')} stay, so that resuming is quick.</li>
    </ul>
  </ConfirmDialog>
);

export const ResumeDialog = ({ topology, close }: ChangeOptions) => (
  <ConfirmDialog
    title={`Resume ${topology.name}?`}
    verb="Resume"
    request={() => change(topology.name, 'resume')}
    done={`${topology.name} resumes.`}
    close={close}
  >
    <ul>
      <li>Its spouts go on after what was last committed.</li>
      {topology.state !== 'paused' && (
        <li>{several(topology.workers, 'worker')} will be started again.</li>
      )}
    </ul>
  </ConfirmDialog>
);

export const DrainDialog = ({ topology, close }: ChangeOptions) => (
  <ConfirmDialog
    title={`Drain ${topology.name}?`}
    verb="Drain"
    request={() => change(topology.name, 'drain')}
    done={`${topology.name} drains.`}
    close={close}
  >
    <ul>
      <li>Its spouts emit nothing more; now they emit {rate(topology.rates.emitted)}.</li>
      <li>{inFlight(topology)} in flight finish and are committed: none is lost.</li>
      <li>Then its {several(topology.workers, 'worker')} end. Resume starts them again.</li>
    </ul>
  </ConfirmDialog>
);

const inFlight = ({ workerStatus }: TopologyStatus): string =>
  several(
    workerStatus.reduce((sum, worker) => sum + worker.inFlight, 0),
    'message',
  );
