/** A row for each topology; on a narrow screen, a card. @module */
import type { TopologySummary } from '../../runtime/nimbus/status.js';
import { fragmentOf } from '../address.js';
import { count, rate, UNKNOWN } from '../figures/format.js';
import { StateMark } from '../state-mark.js';

interface Column {
  readonly name: string;
  readonly text: (topology: TopologySummary) => string;
  /** Whether the figure is one to worry about. */
  readonly bad?: (topology: TopologySummary) => boolean;
}

const COLUMNS: readonly Column[] = [
  { name: 'Emitted', text: ({ rates }) => rate(rates.emitted) },
  { name: 'Acked', text: ({ rates }) => rate(rates.acked) },
  {
    name: 'Failed',
    text: ({ rates }) => rate(rates.failed),
    bad: ({ rates }) => rates.failed > 0,
  },
  { name: 'Lag', text: ({ lag }) => count(lag) },
  { name: 'Dead letters', text: ({ deadLetters }) => count(deadLetters) },
  { name: 'Restarts', text: ({ restarts }) => count(restarts) },
  { name: 'Workers', text: ({ workers }) => count(workers) },
];

// The roles are said again because a table that is laid out as cards is none to some screen readers.
export const TopologyTable = ({ topologies }: { topologies: readonly TopologySummary[] }) => (
  <table class="topologies" role="table" aria-label="Topologies">
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">
          Name
        </th>
        <th role="columnheader" scope="col">
          State
        </th>
        {COLUMNS.map(({ name }) => (
          <th key={name} role="columnheader" scope="col" class="figure">
            {name}
          </th>
        ))}
        <th role="columnheader" scope="col">
          Limited by
        </th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      {[...topologies]
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map((topology) => (
          <Row key={topology.name} topology={topology} />
        ))}
    </tbody>
  </table>
);

const Row = ({ topology }: { topology: TopologySummary }) => (
  <tr role="row">
    <th role="rowheader" scope="row">
      <a href={fragmentOf({ topology: topology.name, component: null })}>{topology.name}</a>
    </th>
    <td role="cell" data-label="State">
      <StateMark topology={topology} />
      {topology.reason !== null && <span class="reason"> {topology.reason}</span>}
    </td>
    {COLUMNS.map(({ name, text, bad }) => (
      <td
        key={name}
        role="cell"
        data-label={name}
        class={bad?.(topology) === true ? 'figure bad' : 'figure'}
      >
        {text(topology)}
      </td>
    ))}
    <td role="cell" data-label="Limited by">
      <LimitedBy topology={topology} />
    </td>
  </tr>
);

const LimitedBy = ({ topology: { limit, state } }: { topology: TopologySummary }) =>
  limit === null ? (
    <span class="muted">{state === 'running' ? 'nothing' : UNKNOWN}</span>
  ) : (
    <span class="limit-mark">
      <span aria-hidden="true">▲ </span>
      {limit.component}, {limit.why}
    </span>
  );
