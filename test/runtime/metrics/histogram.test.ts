import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Histogram } from '../../../runtime/metrics/histogram.js';

/** From 32 µs to a day, evenly over the powers of two. */
const latency = fc.double({ min: -4.9, max: 26, noNaN: true }).map((exponent) => 2 ** exponent);
const latencies = fc.array(latency, { minLength: 1, maxLength: 200 });

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.addMs(value);
  return histogram;
}

/** The smallest value that at least the share `p` of all does not exceed. */
const exact = (values: readonly number[], p: number): number =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * p) - 1)]!;

describe('Histogram', () => {
  test('gives every quantile no lower than it is, and at most 3.2 % higher', () => {
    fc.assert(
      fc.property(latencies, fc.constantFrom(0.01, 0.5, 0.9, 0.99, 1), (values, p) => {
        const quantile = histogramOf(values).quantileMs(p)!;
        expect(quantile).toBeGreaterThanOrEqual(exact(values, p) * 0.999_999);
        expect(quantile).toBeLessThanOrEqual(exact(values, p) * 1.032);
      }),
    );
  });

  test('is within a microsecond where values are shorter than 32 of them', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.031_999, noNaN: true }), (value) => {
        const quantile = histogramOf([value]).quantileMs(0.5)!;
        expect(quantile - value).toBeGreaterThan(0);
        expect(quantile - value).toBeLessThanOrEqual(0.001_000_1);
      }),
    );
  });

  test('is the same when values of two are merged as when one has them all, also through JSON', () => {
    fc.assert(
      fc.property(latencies, latencies, (some, others) => {
        const merged = Histogram.fromJSON(JSON.parse(JSON.stringify(histogramOf(some))));
        merged.merge(histogramOf(others));
        expect(merged.toJSON()).toEqual(histogramOf([...some, ...others]).toJSON());
      }),
    );
  });

  test('puts no value into a bucket below it, and those 3.2 % below a bound into its bucket', () => {
    const bounds = [1, 20, 500, 1e4, 1e6, 1e9];
    fc.assert(
      fc.property(latencies, (values) => {
        const { atMost, count, sumUs } = histogramOf(values).cumulative(bounds);
        const upTo = (us: number): number => values.filter((ms) => ms * 1000 <= us).length;
        for (const [i, bound] of bounds.entries()) {
          expect(atMost[i]).toBeLessThanOrEqual(upTo(bound));
          expect(atMost[i]).toBeGreaterThanOrEqual(upTo(bound * 0.968));
        }
        expect(count).toBe(values.length);
        expect(sumUs / values.reduce((sum, ms) => sum + ms * 1000, 0)).toBeCloseTo(1, 1);
      }),
    );
  });

  test('knows no quantile of nothing, and takes times below and beyond its range for its ends', () => {
    expect(new Histogram().quantileMs(0.5)).toBeNull();
    expect(histogramOf([-1]).quantileMs(0.5)).toBe(0.001);
    const years = histogramOf([1e15]).quantileMs(0.5)!;
    expect(years / 86_400_000).toBeCloseTo(203.6, 1);
  });

  test('is a copy of the counts it is made of', () => {
    const first = histogramOf([1]);
    new Histogram(first.counts).addMs(1);
    expect(first.toJSON().map(([, count]) => count)).toEqual([1]);
  });
});
