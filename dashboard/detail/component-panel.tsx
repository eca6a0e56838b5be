/** All that is known of one component. @module */
import type { ComponentStatus, TopologyStatus } from '../../runtime/nimbus/status.js';
import { count, milliseconds, percent, rate, several } from '../figures/format.js';
import { pressureOf, tasksByWorker, throughputOf, whyItLimits } from '../figures/limit.js';
import type { Recent } from '../figures/recent.js';
import { Figure, Figures } from './figures.js';
import { HistoryCharts } from './history-charts.js';
import { Table } from './table.js';

interface PanelOptions {
  readonly topology: TopologyStatus;
  readonly component: ComponentStatus;
  /** Null until it has come. */
  readonly recent: Recent | null;
}

export function ComponentPanel({ topology: { limit }, component, recent }: PanelOptions) {
  const { name, role, kind } = component;
  const limits = limit?.component === name ? limit : null;
  return (
    <section class="panel" aria-labelledby="component">
      <div class="section-head">
        <h2 id="component">{name}</h2>
        <span class="muted">{kind === '' || kind === role ? role : `${role}, ${kind}`}</span>
      </div>
      <p class={limits === null ? 'pressure' : 'pressure limit-mark'}>
        {limits === null ? (
          <>
            <b>{component.pressure}</b>: {pressureOf(component)}
          </>
        ) : (
          <>
            <span aria-hidden="true">▲ </span>
            {whyItLimits(component, limits.why)}
          </>
        )}
      </p>
      <Now component={component} />
      <HistoryCharts component={component} limits={limits !== null} recent={recent} />
      <div class="pair">
        <Tasks component={component} />
        <Failures component={component} />
      </div>
    </section>
  );
}

function Now({ component }: { component: ComponentStatus }) {
  const { role, rates, latencyMs, capacity, open, lag, deadLetters, failed } = component;
  const what = role === 'spout' ? 'messages' : 'rows';
  return (
    <Figures>
      <Figure name="Throughput" note={`${what} ${role === 'spout' ? 'acked' : 'taken'}`}>
        {rate(throughputOf(component))}
      </Figure>
      <Figure name="Emitted">{rate(rates.emitted)}</Figure>
      <Figure name="p50" note={role === 'spout' ? 'to the last ack' : 'a row'}>
        {milliseconds(latencyMs.p50)}
      </Figure>
      <Figure name="p99">{milliseconds(latencyMs.p99)}</Figure>
      <Figure name="Capacity" note="of its workers' time">
        {percent(capacity)}
      </Figure>
      <Figure name="Open" note={`${what} not done`}>
        {count(open)}
      </Figure>
      <Figure name="Failed" note={rate(rates.failed)} bad={rates.failed > 0}>
        {count(failed)}
      </Figure>
      <Figure name="Dead letters">{count(deadLetters)}</Figure>
      {role === 'spout' && <Figure name="Lag">{count(lag)}</Figure>}
      {role === 'spout' && <Figure name="Replayed">{count(component.replayed)}</Figure>}
    </Figures>
  );
}

function Tasks({ component }: { component: ComponentStatus }) {
  const tasks = [...tasksByWorker(component)];
  return (
    <div>
      <h3>{several(component.taskWorkers.length, 'task')}</h3>
      <Table
        label={`Tasks of ${component.name} by worker`}
        columns={['Worker', 'Tasks']}
        rows={tasks.map(([worker, its]) => ({
          key: String(worker),
          cells: [worker, its.join(', ')],
        }))}
      />
    </div>
  );
}

function Failures({ component: { name, failedBy } }: { component: ComponentStatus }) {
  const reasons = Object.entries(failedBy)
    .filter(([, n]) => n > 0)
    .sort(([, a], [, b]) => b - a);
  return (
    <div>
      <h3>Failures</h3>
      {reasons.length === 0 ? (
        <p class="muted">None.</p>
      ) : (
        <Table
          label={`Failures of ${name} by reason`}
          columns={['Reason', 'Rows']}
          rows={reasons.map(([reason, n]) => ({ key: reason, cells: [reason, count(n)] }))}
        />
      )}
    </div>
  );
}
