/** What is named as the limit of topologies whose figures are known. */
import { expect, test } from '@jest/globals';
import { Derivation, type Measurements } from '../../../runtime/nimbus/derive.js';
import { place } from '../../../runtime/planner/place.js';
import { planOf } from '../planner/support.js';
import { FUSED, Reports, type Second } from './reports.js';

/** After some seconds like this one. */
function settled(second: Second, reports = new Reports()): Measurements {
  const derivation = new Derivation();
  derivation.next(reports.after(second), FUSED);
  derivation.next(reports.after(second), FUSED);
  return derivation.next(reports.after(second), FUSED);
}

const pressureOf = ({ components }: Measurements): Record<string, string> =>
  Object.fromEntries(components.map(({ name, pressure }) => [name, pressure]));

test('a slow bolt that computes is busy, what feeds it is blocked, and what follows it starves', () => {
  const status = settled({
    components: {
      lines: { rows: 200 },
      ask: { rows: 200, ownMs: 9.5 },
      store: { rows: 200, ownMs: 0.1 },
    },
    inFlight: 10,
    busyRatio: 0.97,
  });
  expect(status.limit).toEqual({ component: 'ask', from: ['lines'], why: 'busy' });
  expect(pressureOf(status)).toEqual({ lines: 'blocked', ask: 'busy', store: 'starved' });
  const { capacity } = status.components[1]!;
  expect(capacity).toBeGreaterThan(0.9);
  expect(capacity).toBeLessThanOrEqual(1);
});

test('a slow bolt behind sockets is busy, too, though the spouts wait and it holds few rows', () => {
  const placement = place(
    planOf({
      lines: { worker: 0, emits: ['messages'] },
      ask: { worker: 1, from: { lines: 'by' }, emits: ['messages'] },
      store: { role: 'sink', worker: 0, from: { ask: 'by' } },
    }),
    2,
  );
  const second = {
    components: {
      lines: { rows: 100 },
      ask: { rows: 100, ownMs: 9.7, open: 1 },
      store: { rows: 100, ownMs: 0.01, open: 90 },
    },
    inFlight: 32_768,
    waitedMs: 950,
  };
  expect(settled(second, new Reports(placement)).limit).toEqual({
    ...{ component: 'ask', from: ['lines'], why: 'busy' },
  });
});

test('of a chain that fills its workers together, the bolt that takes most of them is busy', () => {
  const status = settled({
    components: {
      lines: { rows: 20_000 },
      ask: { rows: 20_000, ownMs: 0.05 },
      store: { rows: 20_000, ownMs: 0.03 },
    },
    busyRatio: 0.98,
  });
  expect(status.limit).toMatchObject({ component: 'ask', why: 'busy' });
});

test('a bolt that waits for promises is blocked: it holds what is in flight, and works little', () => {
  const status = settled({
    components: { lines: { rows: 900 }, ask: { rows: 900, open: 60_000 }, store: { rows: 900 } },
    inFlight: 65_536,
    waitedMs: 900,
    busyRatio: 0.1,
  });
  expect(status.limit).toEqual({ component: 'ask', from: ['lines'], why: 'blocked' });
  expect(pressureOf(status)).toEqual({ lines: 'blocked', ask: 'blocked', store: 'starved' });
});

test('a sink that its server keeps waiting is blocked, also when all stands still', () => {
  const status = settled({
    components: { store: { open: 65_000 } },
    inFlight: 65_536,
    waitedMs: 1000,
  });
  expect(status.limit).toEqual({ component: 'store', from: ['ask'], why: 'blocked' });
  expect(pressureOf(status)).toEqual({ lines: 'blocked', ask: 'blocked', store: 'blocked' });
});

test('so is one that gets a row of ten messages, when nobody else holds any', () => {
  const second = { components: { store: { open: 6000 } }, inFlight: 50_000, waitedMs: 1000 };
  expect(settled(second).limit).toMatchObject({ component: 'store', why: 'blocked' });
});

test.each([
  ['nothing comes', {}],
  ['it keeps up', { components: { lines: { rows: 50 }, ask: { rows: 50, ownMs: 1 } } }],
  ['a sink gathers a block', { components: { store: { open: 900 } }, inFlight: 1000 }],
  ['a worker was away for a moment', { components: { store: { open: 2 } }, waitedMs: 150 }],
  ['spouts wait, and nobody holds anything', { inFlight: 60_000, waitedMs: 1000 }],
])('nothing is the limit when %s', (_, second: Second) => {
  expect(settled(second).limit).toBeNull();
});

test('a component that does nothing is idle, and one that keeps up starves', () => {
  const status = settled({ components: { lines: { rows: 9 }, ask: { rows: 9, ownMs: 1 } } });
  expect(pressureOf(status)).toEqual({ lines: 'starved', ask: 'starved', store: 'idle' });
});

test('a topology that is paused has no limit', () => {
  const reports = new Reports();
  const second = { components: { store: { open: 900 } }, inFlight: 1000, waitedMs: 1000 };
  const derivation = new Derivation();
  derivation.next(reports.after(second), FUSED);
  expect(derivation.next(reports.after(second), FUSED).limit).not.toBeNull();
  const paused = { ...reports.after(second), state: 'paused' as const };
  expect(derivation.next(paused, FUSED).limit).toBeNull();
});
