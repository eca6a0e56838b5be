import { expect, test } from '@jest/globals';
import { systemClock, VirtualClock } from '../../runtime/clock.js';

test('a virtual clock runs due timers in order, each at its own time', () => {
  const clock = new VirtualClock(1000);
  const seen: unknown[] = [];
  const note = (name: string) => () => seen.push([name, clock.now(), clock.monotonicMs()]);
  clock.setTimer(20, note('late'));
  clock.setTimer(10, note('early'));
  clock.setTimer(10, note('early, second'));
  clock.setTimer(21, note('never'));
  clock.advance(20);
  expect(seen).toEqual([
    ['early', 1010, 10],
    ['early, second', 1010, 10],
    ['late', 1020, 20],
  ]);
  expect(clock.nextDueMs()).toBe(21);
});

test('a timer set by a timer runs in the same advance when it is due by then', () => {
  const clock = new VirtualClock();
  const seen: number[] = [];
  const again = (): void => {
    seen.push(clock.now());
    clock.setTimer(0, again);
  };
  clock.setTimer(0, again);
  clock.advance(3);
  expect(seen).toEqual([1, 2, 3]);
});

test('a cleared timer does not run, however it is cleared', () => {
  const clock = new VirtualClock();
  let ran = 0;
  clock.clearTimer(clock.setTimer(1, () => ran++));
  clock.setTimer(1, () => ran++).cancel();
  clock.advance(5);
  expect(ran).toBe(0);
});

test('the system clock fires, and not when cleared', async () => {
  const fired: string[] = [];
  systemClock.clearTimer(systemClock.setTimer(1, () => fired.push('cleared')));
  await new Promise<void>((done) => systemClock.setTimer(2, done));
  expect(fired).toEqual([]);
});

test('a timer far away does not fire at once', async () => {
  let fired = false;
  const far = systemClock.setTimer(2 ** 40, () => (fired = true));
  await new Promise<void>((done) => systemClock.setTimer(5, done));
  far.cancel();
  expect(fired).toBe(false);
});
