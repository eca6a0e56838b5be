import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { ComponentFigures } from '../../../runtime/coordinator/figures.js';
import { Trial } from '../../../runtime/supervisor/trial.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const spout = (executed: number, failed: number): ComponentFigures =>
  ({ role: 'spout', executed, failed }) as ComponentFigures;
const bolt = { role: 'bolt', executed: 1000, failed: 1000 } as ComponentFigures;

test('a version fails when most of its first attempts do', () => {
  const trial = new Trial();
  expect(trial.verdict([spout(300, 100), bolt])).toBeNull();
  expect(trial.verdict([spout(90, 90), bolt])).toBeNull();
  expect(trial.verdict([spout(100, 80), spout(100, 60), bolt])).toBe(
    '140 of its first 200 attempts failed',
  );
});

test('after half a minute it is judged no more', () => {
  const trial = new Trial();
  jest.advanceTimersByTime(29_000);
  expect(trial.open).toBe(true);
  jest.advanceTimersByTime(2000);
  expect(trial.open).toBe(false);
  expect(trial.verdict([spout(500, 500)])).toBeNull();
});
