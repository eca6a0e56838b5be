import { expect, test } from '@jest/globals';
import { VirtualClock } from '../../../runtime/clock.js';
import { Past } from '../../../runtime/nimbus/history.js';
import { Derivation } from '../../../runtime/nimbus/derive.js';
import { History, type ComponentStatus } from '../../../runtime/nimbus/status.js';
import { FUSED, Reports } from './reports.js';

const START = Date.UTC(2016, 0, 1);

/** As of one component with this rate. */
const [, ask] = new Derivation().next(new Reports().after({}), FUSED).components;
const doing = (executed: number, name = 'ask'): { components: ComponentStatus[] } => ({
  components: [{ ...ask!, name, rates: { ...ask!.rates, executed } }],
});

test('before there is anything it is empty', () => {
  expect(new Past(new VirtualClock()).history()).toEqual({ atMs: [], components: [] });
});

test('samples come in order, with the times of the clock on the wall', () => {
  const clock = new VirtualClock(START);
  const past = new Past(clock);
  for (const rate of [1, 2, 3]) {
    past.add(doing(rate));
    clock.advance(1000);
  }
  const history = past.history();
  expect(History.parse(history)).toEqual(history);
  expect(history.atMs).toEqual([START, START + 1000, START + 2000]);
  expect(history.components).toEqual([
    { name: 'ask', rate: [1, 2, 3], p99Ms: [null, null, null], capacity: [0, 0, 0] },
  ]);
});

test('seconds of which nothing is known are null, and of one second the last sample counts', () => {
  const clock = new VirtualClock(START);
  const past = new Past(clock);
  past.add(doing(1));
  clock.advance(3000);
  past.add(doing(2));
  clock.advance(10);
  past.add(doing(3));
  expect(past.history().components[0]!.rate).toEqual([1, null, null, 3]);
});

test('ten minutes are kept, and not more', () => {
  const clock = new VirtualClock(START);
  const past = new Past(clock);
  for (let second = 0; second < 1500; second++) {
    past.add(doing(second));
    clock.advance(1000);
  }
  const { atMs, components } = past.history();
  const rates = Array.from({ length: 600 }, (_, i) => 900 + i);
  expect(components[0]!.rate).toEqual(rates);
  expect(atMs).toEqual(rates.map((second) => START + second * 1000));
});

test('after an hour in which nothing was said, nothing of before is left', () => {
  const clock = new VirtualClock(START);
  const past = new Past(clock);
  past.add(doing(1));
  clock.advance(3_600_000);
  past.add(doing(2));
  const { rate } = past.history().components[0]!;
  expect(rate.filter((each) => each !== null)).toEqual([2]);
  expect(rate).toHaveLength(600);
});

test('a component that is new has nulls before it came, and one that is gone is forgotten', () => {
  const clock = new VirtualClock(START);
  const past = new Past(clock);
  past.add(doing(1));
  clock.advance(1000);
  past.add({ components: [...doing(2).components, ...doing(3, 'new').components] });
  expect(past.history().components.map(({ name, rate }) => [name, rate])).toEqual([
    ['ask', [1, 2]],
    ['new', [null, 3]],
  ]);
  clock.advance(1000);
  past.add(doing(4, 'new'));
  expect(past.history().components.map(({ name }) => name)).toEqual(['new']);
});
