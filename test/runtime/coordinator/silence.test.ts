import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Silence } from '../../../runtime/coordinator/silence.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('a worker that is not heard of may be blocked, until it is, or until its watchdog would have ended it', () => {
  const silence = new Silence(30_000);
  expect(silence.some).toBe(false);
  silence.heard(0);
  silence.heard(1);
  jest.advanceTimersByTime(900);
  expect(silence.some).toBe(false);
  silence.heard(1);
  jest.advanceTimersByTime(200);
  expect(silence.some).toBe(true);
  silence.heard(0);
  expect(silence.some).toBe(false);
  jest.advanceTimersByTime(30_900);
  expect(silence.some).toBe(true);
  jest.advanceTimersByTime(200);
  expect(silence.some).toBe(false);
});

test('a worker that is gone is not silent', () => {
  const silence = new Silence(30_000);
  silence.heard(0);
  jest.advanceTimersByTime(5000);
  silence.forget(0);
  expect(silence.some).toBe(false);
});
