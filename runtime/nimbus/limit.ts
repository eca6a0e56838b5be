/**
 * What keeps a topology from going faster.
 *
 * - `blocked`: spouts wait, and most of what is in flight is in one component, which has taken it and waits for
 *   something itself: a server, a disk, a promise.
 * - `busy`: a component takes all the time of its workers; or its workers have no time left, and it takes most of it.
 *
 * Nothing does when spouts emit all that there is.
 *
 * @module
 */
import type { ComponentStatus, Limit } from './status.js';

/** How a topology was in the time between two reports. */
export interface Load {
  /** In the order of the plan. */
  readonly components: readonly ComponentLoad[];
  readonly edges: readonly { readonly from: number; readonly to: number }[];
  /** Messages of all workers. */
  readonly inFlight: number;
  /** Of the worker whose spouts waited longest: which part of the time. */
  readonly waitedRatio: number;
  /** By worker: which part of the time it worked; 0 when it is dead. */
  readonly busyRatios: readonly number[];
}

export interface ComponentLoad {
  readonly name: string;
  readonly role: 'spout' | 'bolt' | 'sink';
  readonly capacity: number;
  /** Rows taken and not done. */
  readonly open: number;
  /** Rows, or of a spout messages, a second. */
  readonly rate: number;
  /** The workers that have a task of it, each once. */
  readonly workers: readonly number[];
}

/** Spouts that wait less often are kept up by nothing that lasts. */
const WAITED = 0.2;
const CAPACITY_FULL = 0.8;
const WORKER_FULL = 0.9;
/** The largest part of a full worker's time is worth naming from here on. */
const CAPACITY_LARGE = 0.33;
/** Of what is in flight. */
const OPEN_SOME = 0.1;

export function limitOf(load: Load): Limit | null {
  const { components, inFlight } = load;
  const waits = load.waitedRatio > WAITED;
  const fullest = highest(components, ({ open }) => open);
  const open = fullest?.open ?? 0;
  if (waits && open > inFlight / 2) return limit(load, fullest, 'blocked');
  const busiest = busiestOf(load);
  if (busiest !== undefined) return limit(load, busiest, 'busy');
  // What one message is made into, or several together, is another number of rows.
  const openOfAll = components.reduce((sum, each) => sum + each.open, 0);
  const holds = open > openOfAll / 2 && open > inFlight * OPEN_SOME;
  return waits && holds ? limit(load, fullest, 'blocked') : null;
}

/** What each component waits for: those before the limit for it, those behind it for rows. */
export function pressures(load: Load, limiting: Limit | null): ComponentStatus['pressure'][] {
  const before = limiting === null ? new Set<number>() : ancestors(load, limiting.component);
  return load.components.map(({ name, capacity, rate, open }, i) => {
    if (name === limiting?.component) return limiting.why;
    if (capacity > CAPACITY_FULL) return 'busy';
    if (before.has(i)) return 'blocked';
    return rate > 0 || open > 0 ? 'starved' : 'idle';
  });
}

function busiestOf({ components, busyRatios }: Load): ComponentLoad | undefined {
  const inFull = components.filter(({ workers }) =>
    workers.some((worker) => (busyRatios[worker] ?? 0) > WORKER_FULL),
  );
  const full = highest(components, ({ capacity }) => capacity);
  if (full !== undefined && full.capacity > CAPACITY_FULL) return full;
  const largest = highest(inFull, ({ capacity }) => capacity);
  return largest !== undefined && largest.capacity > CAPACITY_LARGE ? largest : undefined;
}

/** Spouts take no rows. */
const highest = (
  components: readonly ComponentLoad[],
  of: (component: ComponentLoad) => number,
): ComponentLoad | undefined =>
  components.filter(({ role }) => role !== 'spout').sort((a, b) => of(b) - of(a))[0];

function limit(
  { components, edges }: Load,
  of: ComponentLoad | undefined,
  why: Limit['why'],
): Limit | null {
  if (of === undefined) return null;
  const to = components.indexOf(of);
  const from = edges.filter((edge) => edge.to === to).map((edge) => components[edge.from]!.name);
  return { component: of.name, from: [...new Set(from)], why };
}

function ancestors({ components, edges }: Load, name: string): ReadonlySet<number> {
  const all = new Set([components.findIndex((each) => each.name === name)]);
  // A set is walked through with what is added meanwhile.
  for (const each of all) for (const { from, to } of edges) if (to === each) all.add(from);
  return all;
}
