/** What limits a topology, and how a component fares, in sentences. @module */
import type { ComponentStatus, EdgeStatus, TopologyStatus } from '../../runtime/nimbus/status.js';
import { count, percent, several } from './format.js';

/** The sentence under the name of what limits. */
export function whyItLimits(component: ComponentStatus, why: 'busy' | 'blocked'): string {
  if (why === 'busy')
    return `It is at its capacity: ${percent(component.capacity)} of its workers' time.`;
  return `It holds ${several(component.open, 'row')} that are not done: what it hands them to does not keep up.`;
}

/** What an operator can do about it. */
export function remedy(component: ComponentStatus, why: 'busy' | 'blocked'): string {
  if (why === 'blocked') return 'Look at what it writes to.';
  return component.role === 'spout'
    ? 'More workers may help.'
    : `More tasks may help: it has ${count(component.taskWorkers.length)}.`;
}

/** What a component does most, after its pressure in one word. */
export function pressureOf({ role, pressure }: ComponentStatus): string {
  if (pressure === 'starved' && role === 'spout') return 'its source has nothing more for it';
  return PRESSURE[pressure];
}

const PRESSURE: { readonly [pressure in ComponentStatus['pressure']]: string } = {
  busy: 'it is at its capacity',
  blocked: 'it waits for what comes after it',
  starved: 'it waits for rows',
  idle: 'it has little to do',
};

/** Whether an edge leads to what limits. */
export const leadsToLimit = ({ from, to }: EdgeStatus, limit: TopologyStatus['limit']): boolean =>
  limit !== null && to === limit.component && limit.from.includes(from);

/** Messages, or rows, a second: of spouts what was acked, of others what they took. */
export const throughputOf = ({ role, rates }: ComponentStatus): number =>
  role === 'spout' ? rates.acked : rates.executed;

/** Which tasks each worker has, by worker. */
export function tasksByWorker({ taskWorkers }: ComponentStatus): ReadonlyMap<number, number[]> {
  const tasks = new Map<number, number[]>();
  for (const [task, worker] of taskWorkers.entries())
    tasks.set(worker, [...(tasks.get(worker) ?? []), task]);
  return new Map([...tasks].sort(([a], [b]) => a - b));
}
