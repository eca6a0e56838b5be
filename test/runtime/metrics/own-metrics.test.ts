import { expect, test } from '@jest/globals';
import { OwnMetrics } from '../../../runtime/metrics/own-metrics.js';

test('tasks of a component share a series, and components do not', () => {
  const own = new OwnMetrics();
  for (const component of ['a', 'a', 'b'])
    own.of(component).counter('drops_total', 'Dropped.', { port: '1', host: 'h' }).add(2);
  own.of('a').gauge('lag', 'Lag.').set(7);
  own.of('a').gauge('lag', 'Lag.').set(5);
  expect(own.snapshot().map(({ component, name, value }) => [component, name, value])).toEqual([
    ['a', 'drops_total', 4],
    ['b', 'drops_total', 2],
    ['a', 'lag', 5],
  ]);
});

test('the order of labels makes no difference', () => {
  const own = new OwnMetrics();
  own.of('a').counter('c_total', 'C.', { x: '1', y: '2' }).add();
  own.of('a').counter('c_total', 'C.', { y: '2', x: '1' }).add();
  expect(own.snapshot()).toMatchObject([{ value: 2 }]);
});

test('labels of many values are bounded, and nothing of what was counted is missing', () => {
  const own = new OwnMetrics();
  for (let i = 0; i < 5000; i++)
    own
      .of('a')
      .counter('c_total', 'C.', { of: `${i}` })
      .add();
  const all = own.snapshot();
  expect(all.length).toBeLessThan(1100);
  expect(all.reduce((sum, { value }) => sum + value, 0)).toBe(5000);
});

test('a name that Prometheus would refuse is refused', () => {
  expect(() => new OwnMetrics().of('a').gauge('lag-ms', 'Lag.')).toThrow('"lag-ms"');
});

test('a name or label that every run has is refused', () => {
  const { counter } = new OwnMetrics().of('a');
  expect(() => counter('attempts_total', 'A.')).toThrow('"attempts_total" is taken');
  expect(() => counter('c_total', 'C.', { worker: '1' })).toThrow('"worker" is taken');
  expect(() => counter('c_total', 'C.', { 'by-port': '1' })).toThrow('"by-port"');
});

test('a value that is no number, or takes from a counter, is refused and changes nothing', () => {
  const own = new OwnMetrics();
  const drops = own.of('a').counter('drops_total', 'Dropped.');
  const lag = own.of('a').gauge('lag', 'Lag.');
  drops.add(3);
  lag.set(-7);
  for (const value of [NaN, Infinity, -1]) expect(() => drops.add(value)).toThrow(RangeError);
  for (const value of [NaN, -Infinity]) expect(() => lag.set(value)).toThrow('"lag"');
  expect(own.snapshot().map(({ value }) => value)).toEqual([3, -7]);
});

test('a gauge that is removed is shown no more, by whichever task, until it is set again', () => {
  const own = new OwnMetrics();
  const [first, second] = [0, 1].map(() => own.of('a').gauge('lag', 'Lag.'));
  first!.set(7);
  second!.remove();
  expect(own.snapshot()).toEqual([]);
  first!.set(5);
  expect(own.snapshot()).toMatchObject([{ name: 'lag', value: 5 }]);
});
