/** What the graph shows, as tables: components, and the streams between them. @module */
import type { ComponentStatus, TopologyStatus } from '../../runtime/nimbus/status.js';
import { count, milliseconds, percent, rate } from '../figures/format.js';
import { leadsToLimit, throughputOf } from '../figures/limit.js';
import { keyOf } from '../graph/layout.js';
import { choose } from '../place.js';
import { Table } from './table.js';

interface ComponentTablesOptions {
  readonly topology: TopologyStatus;
  readonly chosen: string | undefined;
}

const COMPONENTS = [
  ...['Name', 'Role', 'Throughput', 'p50', 'p99', 'Capacity', 'Pressure', 'Open', 'Failed'],
  ...['Dead letters', 'Lag', 'Tasks'],
];

export const ComponentTables = ({ topology, chosen }: ComponentTablesOptions) => (
  <>
    <Table
      label="Components"
      columns={COMPONENTS}
      rows={topology.components.map((component) => {
        const limits = topology.limit?.component === component.name;
        return {
          key: component.name,
          marked: limits,
          cells: [
            <Name
              key="name"
              name={component.name}
              limits={limits}
              chosen={component.name === chosen}
            />,
            ...figuresOf(component),
          ],
        };
      })}
    />
    <Table
      label="Streams"
      columns={['Stream', 'From', 'To', 'Rows', 'Grouping', 'Way']}
      rows={topology.edges.map((edge) => ({
        key: keyOf(edge),
        marked: leadsToLimit(edge, topology.limit),
        cells: [
          edge.stream,
          edge.from,
          edge.to,
          rate(edge.rate),
          edge.grouping,
          edge.fused ? 'within its worker' : 'between workers',
        ],
      }))}
    />
  </>
);

const figuresOf = (component: ComponentStatus): string[] => [
  component.role,
  rate(throughputOf(component)),
  milliseconds(component.latencyMs.p50),
  milliseconds(component.latencyMs.p99),
  percent(component.capacity),
  component.pressure,
  count(component.open),
  count(component.failed),
  count(component.deadLetters),
  count(component.lag),
  count(component.taskWorkers.length),
];

const Name = ({ name, limits, chosen }: { name: string; limits: boolean; chosen: boolean }) => (
  <button type="button" class="link" aria-pressed={chosen} onClick={() => choose(name)}>
    {limits && <span aria-hidden="true">▲ </span>}
    {name}
    {limits && <span class="hidden">, limits this topology</span>}
  </button>
);
