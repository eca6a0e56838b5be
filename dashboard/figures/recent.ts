/**
 * Ten minutes of a topology: what the server remembers, then what comes in live.
 *
 * @module
 */
import type { History, TopologyStatus } from '../../runtime/nimbus/status.js';
import { throughputOf } from './limit.js';

export const WINDOW_MS = 10 * 60_000;
/** Figures come once a second; after this long without any, lines are broken off. */
const GAP_MS = 5000;

type Points = (number | null)[];

/** One component's, as long as `Recent.atMs`. */
export interface Series {
  readonly rate: Points;
  readonly p99Ms: Points;
  readonly capacity: Points;
}

export class Recent {
  /** Milliseconds since 1970, growing. */
  readonly atMs: number[];
  readonly #series: Map<string, Series>;

  constructor(history: History) {
    this.atMs = [...history.atMs];
    this.#series = new Map(
      history.components.map(({ name, rate, p99Ms, capacity }) => [
        name,
        { rate: [...rate], p99Ms: [...p99Ms], capacity: [...capacity] },
      ]),
    );
  }

  of(component: string): Series {
    const known = this.#series.get(component);
    if (known !== undefined) return known;
    const series = { rate: this.#unknown(), p99Ms: this.#unknown(), capacity: this.#unknown() };
    this.#series.set(component, series);
    return series;
  }

  /** Called with each report. What is not later than the last is left out; what is too old goes. */
  add(status: TopologyStatus, nowMs: number): void {
    const lastMs = this.atMs.at(-1) ?? -Infinity;
    if (nowMs <= lastMs) return;
    if (nowMs - lastMs > GAP_MS && this.atMs.length > 0) this.#push(lastMs + 1, null);
    this.#push(nowMs, status);
    const old = this.atMs.findIndex((atMs) => atMs >= nowMs - WINDOW_MS);
    for (const points of this.#all()) points.splice(0, old);
  }

  #push(atMs: number, status: TopologyStatus | null): void {
    for (const { name } of status?.components ?? []) this.of(name);
    this.atMs.push(atMs);
    const byName = new Map(status?.components.map((component) => [component.name, component]));
    for (const [name, { rate, p99Ms, capacity }] of this.#series) {
      const component = byName.get(name);
      rate.push(component === undefined ? null : throughputOf(component));
      p99Ms.push(component?.latencyMs.p99 ?? null);
      capacity.push(component?.capacity ?? null);
    }
  }

  *#all(): Iterable<(number | null)[]> {
    yield this.atMs;
    for (const { rate, p99Ms, capacity } of this.#series.values()) yield* [rate, p99Ms, capacity];
  }

  #unknown(): Points {
    return this.atMs.map(() => null);
  }
}

/** Least and most of what is known; null when nothing is. */
export function rangeOf(
  points: readonly (number | null)[],
): readonly [least: number, most: number] | null {
  const known = points.filter((value) => value !== null);
  return known.length === 0 ? null : [Math.min(...known), Math.max(...known)];
}
