import { expect, test } from '@jest/globals';
import { Waiting } from '../../../runtime/worker/waiting.js';

test('waits add up, the one under way included, however often it is looked at', () => {
  const waiting = new Waiting();
  waiting.look(false, 5);
  expect(waiting.totalMs(100)).toBe(0);
  waiting.look(true, 100);
  waiting.look(true, 130);
  expect(waiting.totalMs(150)).toBe(50);
  waiting.look(false, 160);
  waiting.look(false, 200);
  waiting.look(true, 300);
  expect(waiting.totalMs(301)).toBe(61);
});
