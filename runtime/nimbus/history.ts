/**
 * Ten minutes of a topology, one sample a second, in rings of numbers: the memory is fixed by how many components
 * there are. Seconds of which nothing is known are null.
 *
 * @module
 */
import type { Clock } from '../clock.js';
import type { ComponentStatus, History, TopologyStatus } from './status.js';

const SECONDS = 600;

export class Past {
  readonly #clock: Pick<Clock, 'now' | 'monotonicMs'>;
  readonly #components = new Map<string, Series>();
  /** The second that was noted last, and the first that is still there, by the monotonic clock. */
  #last = -1;
  #first = 0;

  constructor(clock: Pick<Clock, 'now' | 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** Of one second the last one counts. Components that are gone are forgotten. */
  add({ components }: Pick<TopologyStatus, 'components'>): void {
    const second = this.#second();
    if (this.#last < 0) this.#first = second;
    for (let each = Math.max(this.#last + 1, second - SECONDS + 1); each <= second; each++)
      for (const series of this.#components.values()) clear(series, each % SECONDS);
    this.#last = second;
    this.#first = Math.max(this.#first, second - SECONDS + 1);
    for (const component of components) note(this.#series(component), second % SECONDS, component);
    const there = new Set(components.map(({ name }) => name));
    for (const name of this.#components.keys()) if (!there.has(name)) this.#components.delete(name);
  }

  history(): History {
    const count = this.#last < 0 ? 0 : this.#last - this.#first + 1;
    const seconds = Array.from({ length: count }, (_, i) => this.#first + i);
    // What the clock on the wall says now holds for then, too: its jumps make no holes.
    const sinceMs = this.#clock.now() - this.#clock.monotonicMs();
    return {
      atMs: seconds.map((second) => Math.round(sinceMs + second * 1000)),
      components: [...this.#components].map(([name, { rate, p99Ms, capacity }]) => {
        const values = (ring: Float64Array): (number | null)[] =>
          seconds.map((second) => known(ring[second % SECONDS]!));
        return { name, rate: values(rate), p99Ms: values(p99Ms), capacity: values(capacity) };
      }),
    };
  }

  #second(): number {
    return Math.floor(this.#clock.monotonicMs() / 1000);
  }

  #series({ name }: ComponentStatus): Series {
    const series = this.#components.get(name) ?? { rate: ring(), p99Ms: ring(), capacity: ring() };
    this.#components.set(name, series);
    return series;
  }
}

interface Series {
  readonly rate: Float64Array;
  readonly p99Ms: Float64Array;
  readonly capacity: Float64Array;
}

const ring = (): Float64Array => new Float64Array(SECONDS).fill(NaN);

const known = (value: number): number | null => (Number.isNaN(value) ? null : value);

function note(
  series: Series,
  i: number,
  { role, rates, latencyMs, capacity }: ComponentStatus,
): void {
  series.rate[i] = role === 'spout' ? rates.acked : rates.executed;
  series.p99Ms[i] = latencyMs.p99 ?? NaN;
  series.capacity[i] = capacity;
}

function clear(series: Series, i: number): void {
  series.rate[i] = NaN;
  series.p99Ms[i] = NaN;
  series.capacity[i] = NaN;
}
