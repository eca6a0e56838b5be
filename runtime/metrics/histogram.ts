/**
 * Latencies in microseconds: 32 steps per factor of two (3 % wide), from 1 µs to 203 days.
 *
 * Ours because it stands in the ack path: 3 ns a value, where node:perf_hooks takes 60 and
 * hdr-histogram-js 150; and sums of arrays merge over processes.
 *
 * @module
 */
const STEPS = 32;
const SIZE = 40 * STEPS;
/** Steps of the exponents below that of `STEPS`, so that 32 µs is step 32. */
const BIAS = (1023 + 4) * STEPS;

const double = new Float64Array(1);
/** The same memory, low word first. */
const halves = new Int32Array(double.buffer);

/** The upper end of each step. Looked up: a power takes 40 ns, and whoever reads histograms asks for all of them. */
const UPPER_US = Float64Array.from({ length: SIZE }, (_, index) => {
  if (index < STEPS) return index + 1;
  const exponent = Math.floor(index / STEPS) + 4;
  return 2 ** exponent * (1 + ((index % STEPS) + 1) / STEPS);
});

export class Histogram {
  readonly counts: Float64Array;

  constructor(counts: ArrayLike<number> = new Float64Array(SIZE)) {
    this.counts = Float64Array.from(counts);
  }

  addMs(ms: number): void {
    const us = ms * 1000;
    if (us < STEPS) {
      this.counts[us < 0 ? 0 : us | 0]!++;
      return;
    }
    // A double's high word begins with its exponent and the steps within it: 2 ns, where `2 ** exponent` takes 40.
    double[0] = us;
    const index = (halves[1]! >>> 15) - BIAS;
    this.counts[index < SIZE ? index : SIZE - 1]!++;
  }

  merge(other: Histogram): void {
    for (let i = 0; i < SIZE; i++) this.counts[i]! += other.counts[i]!;
  }

  /** The upper end of the step that holds the p-th value, in milliseconds; null when there is none. */
  quantileMs(p: number): number | null {
    const total = this.counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return null;
    let left = Math.ceil(total * p);
    const index = this.counts.findIndex((count) => (left -= count) <= 0);
    return UPPER_US[index]! / 1000;
  }

  /**
   * How many values are at most each of the ascending bounds, in microseconds, and their sum to 2 %. What shares its
   * step with a bound counts above it, so that no bucket holds a value that is beyond its bound.
   */
  cumulative(boundsUs: readonly number[]): {
    readonly atMost: readonly number[];
    readonly count: number;
    readonly sumUs: number;
  } {
    const atMost = boundsUs.map(() => 0);
    let count = 0;
    let sumUs = 0;
    let bound = 0;
    this.counts.forEach((here, i) => {
      const upper = UPPER_US[i]!;
      for (; bound < boundsUs.length && boundsUs[bound]! < upper; bound++) atMost[bound] = count;
      count += here;
      sumUs += (here * (upper + (i === 0 ? 0 : UPPER_US[i - 1]!))) / 2;
    });
    return { atMost, count, sumUs };
  }

  /** As JSON: only what is not zero. */
  toJSON(): [number, number][] {
    const entries: [number, number][] = [];
    this.counts.forEach((count, i) => count > 0 && entries.push([i, count]));
    return entries;
  }

  static fromJSON(entries: readonly (readonly [number, number])[]): Histogram {
    const histogram = new Histogram();
    for (const [i, count] of entries) histogram.counts[i] = count;
    return histogram;
  }
}
