import { expect, test } from '@jest/globals';
import { rangeOf, Recent, WINDOW_MS } from '../../../dashboard/figures/recent.js';
import { canonicalize } from '../../support/dashboard/canonicalize.js';

const NOW_MS = 1_795_000_000_000;
const status = canonicalize(600);

const history = (...atMs: number[]) => ({
  atMs,
  components: [
    {
      name: 'parse',
      rate: atMs.map(() => 5),
      p99Ms: atMs.map(() => 1),
      capacity: atMs.map(() => 0.5),
    },
  ],
});

test('goes on where the history of the server ends', () => {
  const recent = new Recent(history(NOW_MS - 2000, NOW_MS - 1000));
  recent.add(status, NOW_MS);
  const parse = status.components.find(({ name }) => name === 'parse')!;
  expect(recent.of('parse').rate).toEqual([5, 5, parse.rates.executed]);
  expect(recent.of('parse').p99Ms.at(-1)).toBe(parse.latencyMs.p99);
});

test('of a spout, the rate is that of its acks', () => {
  const recent = new Recent(history());
  recent.add(status, NOW_MS);
  expect(recent.of('lines').rate).toEqual([status.components[0]!.rates.acked]);
});

test('does not count a report twice that the history has already', () => {
  const recent = new Recent(history(NOW_MS));
  recent.add(status, NOW_MS);
  expect(recent.atMs).toEqual([NOW_MS]);
});

test('breaks its lines off where nothing was heard', () => {
  const recent = new Recent(history(NOW_MS - 60_000));
  recent.add(status, NOW_MS);
  expect(recent.of('parse').rate).toEqual([5, null, expect.any(Number)]);
});

test('keeps ten minutes, and all series as long as their times', () => {
  const recent = new Recent(history());
  for (let second = 0; second < 700; second++) recent.add(status, NOW_MS + second * 1000);
  expect(recent.atMs.at(-1)! - recent.atMs[0]!).toBe(WINDOW_MS);
  for (const { name } of status.components) {
    const { rate, p99Ms, capacity } = recent.of(name);
    expect([rate, p99Ms, capacity].map(({ length }) => length)).toEqual(
      Array(3).fill(recent.atMs.length),
    );
  }
});

test('says nothing of a component from before it was there', () => {
  const recent = new Recent(history(NOW_MS - 1000));
  recent.add(status, NOW_MS);
  expect(recent.of('counts').rate).toEqual([null, expect.any(Number)]);
});

test('a range is of what is known', () => {
  expect(rangeOf([null, 3, 1, null])).toEqual([1, 3]);
  expect(rangeOf([null])).toBeNull();
});
