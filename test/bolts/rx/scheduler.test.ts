import { expect, test } from '@jest/globals';
import * as rxjs from 'rxjs';
import { TaskScheduler } from '../../../bolts/rx/scheduler.js';

test('runs what is due in order of time, what is scheduled for the same time in the order it came', () => {
  const scheduler = new TaskScheduler(1_000);
  const ran: string[] = [];
  const add = (name: string, delayMs: number): rxjs.Subscription =>
    scheduler.schedule(() => void ran.push(`${name} ${scheduler.now()}`), delayMs);
  add('c', 20);
  add('a', 10);
  add('d', 20);
  add('never', 10).unsubscribe();
  add('b', 10);
  add('e', 21);
  scheduler.advance(20);
  expect(ran).toEqual(['a 1010', 'b 1010', 'c 1020', 'd 1020']);
  expect(scheduler.now()).toBe(1_020);
  scheduler.advance(980);
  expect(ran.at(-1)).toBe('e 1021');
  expect(scheduler.now()).toBe(2_000);
});

test('turns what RxJS has that takes a scheduler', () => {
  const scheduler = new TaskScheduler(0);
  const seen: unknown[] = [];
  const source = new rxjs.Subject<number>();
  const both = [
    rxjs.timer(100, 50, scheduler).pipe(
      rxjs.take(3),
      rxjs.map((n) => `timer ${n}`),
    ),
    source.pipe(
      rxjs.delay(30, scheduler),
      rxjs.map((n) => `delay ${n}`),
    ),
    source.pipe(
      rxjs.debounceTime(40, scheduler),
      rxjs.map((n) => `debounce ${n}`),
    ),
    source.pipe(
      rxjs.auditTime(70, scheduler),
      rxjs.map((n) => `audit ${n}`),
    ),
  ];
  rxjs.merge(...both).subscribe((value) => seen.push(`${value} at ${scheduler.now()}`));
  source.next(1);
  scheduler.advance(20);
  source.next(2);
  scheduler.advance(280);
  expect(seen).toEqual([
    'delay 1 at 30',
    'delay 2 at 50',
    'debounce 2 at 60',
    'audit 2 at 70',
    'timer 0 at 100',
    'timer 1 at 150',
    'timer 2 at 200',
  ]);
});

test('lets time go on under what schedules itself without a delay', () => {
  const scheduler = new TaskScheduler(0);
  let runs = 0;
  rxjs.interval(0, scheduler).subscribe(() => runs++);
  scheduler.advance(50);
  expect(runs).toBe(50);
});
