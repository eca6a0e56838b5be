/** Topologies of a cluster as text for people. @module */
import type {
  ComponentStatus,
  Limit,
  TopologyStatus,
  TopologySummary,
} from '../runtime/nimbus/status.js';
import { printable } from './dlq/filters.js';
import { count, reasonText } from './summary.js';
import { table } from './table.js';

const LIST = [
  'name',
  'state',
  '>workers',
  '>emitted/s',
  '>acked/s',
  '>lag',
  '>dead letters',
  '>restarts',
  'limited by',
];

export function listLines(topologies: readonly TopologySummary[]): string[] {
  const rows = topologies.map((each) => [
    ...[each.name, stateText(each), String(each.workers)],
    ...[count(each.rates.emitted), count(each.rates.acked)],
    ...[each.lag === null ? '-' : count(each.lag), count(each.deadLetters), count(each.restarts)],
    each.limit === null ? '-' : `${each.limit.component} (${each.limit.why})`,
  ]);
  return table(LIST, rows);
}

/** With how far a change has come. */
export const stateText = ({ state, generation, reached }: TopologySummary): string =>
  reached < generation ? `${state} (changing)` : state;

/** All of one. */
export function statusLines(status: TopologyStatus): string[] {
  const { name, workers, restarts, planHash, submittedAt, reason, takenBack, stateDir } = status;
  const { rates, emitted, acked, deadLetters, lag, limit, reasons } = status;
  const lines = [
    `${name}  ${stateText(status)}${reason === null ? '' : `: ${printable(reason)}`}`,
    `${plural(workers, 'worker')}, ${plural(restarts, 'restart')}, since ${submittedAt}, plan ${planHash.slice(0, 16)}, state in ${stateDir}`,
    `${count(emitted)} emitted (${count(rates.emitted)}/s), ${count(acked)} acked (${count(rates.acked)}/s), ${count(deadLetters)} dead letters${lag === null ? '' : `, lag ${count(lag)}`}`,
  ];
  if (takenBack !== null) lines.push(`the last upgrade was taken back, as ${printable(takenBack)}`);
  if (limit !== null) lines.push(limitText(limit));
  if (reasons.length > 0) lines.push(`dead letters: ${printable(reasonText(reasons))}`);
  return [...lines, '', ...componentLines(status), '', ...workerLines(status)];
}

const limitText = ({ component, from, why }: Limit): string =>
  why === 'busy'
    ? `limited by ${component}: it is at its capacity; more tasks or workers would help`
    : `limited by ${component}: rows from ${from.join(', ')} wait in it for what it writes to or asks`;

/** Behind the component that limits. */
export const LIMIT_MARK = '<- limits';

const COMPONENTS = [
  'component',
  'role',
  '>tasks',
  '>rate/s',
  '>total',
  '>failed',
  '>dead letters',
  '>p50 ms',
  '>p99 ms',
  '>capacity',
  '>open',
  'pressure',
];

/** The component that limits is marked. */
function componentLines({ components, limit }: TopologyStatus): string[] {
  const rows = components.map((each) => [
    ...[each.name, each.role, String(each.taskWorkers.length)],
    ...[count(rateOf(each)), count(totalOf(each)), count(each.failed)],
    each.role === 'spout' ? count(each.deadLetters) : '',
    ...[milliseconds(each.latencyMs.p50), milliseconds(each.latencyMs.p99)],
    ...[each.role === 'spout' ? '' : percent(each.capacity), count(each.open)],
    limit?.component === each.name ? `${each.pressure} ${LIMIT_MARK}` : each.pressure,
  ]);
  return table(COMPONENTS, rows);
}

/** Of a spout, messages emitted; of others, rows taken. */
const rateOf = ({ role, rates }: ComponentStatus): number =>
  role === 'spout' ? rates.emitted : rates.executed;

const totalOf = ({ role, emitted, executed }: ComponentStatus): number =>
  role === 'spout' ? emitted : executed;

const WORKERS = ['>worker', '>pid', 'up', '>in flight', '>outbox bytes', '>busy'];

function workerLines({ workerStatus }: TopologyStatus): string[] {
  const rows = workerStatus.map(({ worker, pid, up, inFlight, outboxBytes, busyRatio }) => [
    ...[String(worker), pid === null ? '-' : String(pid), up ? 'yes' : 'no'],
    ...[count(inFlight), count(outboxBytes), percent(busyRatio)],
  ]);
  return table(WORKERS, rows);
}

const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`;

const milliseconds = (value: number | null): string =>
  value === null ? '-' : value.toFixed(value < 10 ? 3 : 0);

export const plural = (many: number, what: string): string =>
  `${count(many)} ${what}${many === 1 ? '' : 's'}`;
