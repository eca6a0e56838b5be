/** Why messages became dead letters. @module */
import type { TopologyStatus } from '../../runtime/nimbus/status.js';
import { count } from '../figures/format.js';
import { Table } from './table.js';

export const Reasons = ({ topology: { name, reasons } }: { topology: TopologyStatus }) => (
  <section aria-labelledby="reasons">
    <h2 id="reasons">Dead letters</h2>
    {reasons.length === 0 ? (
      <p class="muted">None.</p>
    ) : (
      <>
        <Table
          label="Dead letters by reason"
          columns={['Reason', 'Messages']}
          rows={reasons.map(([reason, n]) => ({ key: reason, cells: [reason, count(n)] }))}
        />
        <p class="muted">
          See them with <code>squall dlq list {name}</code>
        </p>
      </>
    )}
  </section>
);
