/** The processes of a topology. @module */
import type { TopologyStatus } from '../../runtime/nimbus/status.js';
import { bytes, count, percent, UNKNOWN } from '../figures/format.js';
import { Table } from './table.js';

export const Workers = ({ topology }: { topology: TopologyStatus }) => (
  <section aria-labelledby="workers">
    <h2 id="workers">Workers</h2>
    <Table
      label="Workers"
      columns={['Worker', 'State', 'Process', 'Busy', 'In flight', 'To other workers']}
      rows={topology.workerStatus.map((worker) => ({
        key: String(worker.worker),
        marked: !worker.up,
        cells: [
          worker.worker,
          worker.up ? 'up' : 'down',
          worker.pid ?? UNKNOWN,
          percent(worker.busyRatio),
          count(worker.inFlight),
          bytes(worker.outboxBytes),
        ],
      }))}
    />
  </section>
);
