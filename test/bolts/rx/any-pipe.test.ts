/** Whatever a pipe is made of: no row is acked before what was made of it is stored, each is settled once, and none is forgotten. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as rxjs from 'rxjs';
import {
  anchored,
  bufferCount,
  bufferTime,
  concatMap,
  debounceTime,
  filter,
  groupBy,
  map,
  mergeMap,
  passing,
  switchMap,
  toArray,
  type Operator,
} from '../../../bolts/rx/index.js';
import type { FakeTask } from './fake-task.js';
import { opened } from './pipes.js';

/** Numbers, in arrays of arrays. */
type Nested = number | readonly Nested[];
type Step = Operator<Nested, Nested>;
type Steps = readonly ((scheduler: rxjs.SchedulerLike) => Step)[];

const numbersIn = (value: Nested): number[] =>
  typeof value === 'number' ? [value] : value.flatMap(numbersIn);
const first = (value: Nested): number => numbersIn(value)[0]!;
const later = (value: Nested, scheduler: rxjs.SchedulerLike): rxjs.Observable<Nested> =>
  rxjs.of(value).pipe(rxjs.delay(50 * (first(value) % 7), scheduler));

const STEPS: { readonly [name: string]: Steps[number] } = {
  map: () => map((value) => [value]),
  filter: () => filter((value) => first(value) % 3 !== 0),
  flatten: () => mergeMap((value) => (typeof value === 'number' ? [value] : value)),
  twice: () => mergeMap((value) => [value, value]),
  distinct: () => passing(rxjs.distinctUntilChanged()),
  bufferTime: () => bufferTime(200),
  bufferCount: () => bufferCount(3),
  debounceTime: () => debounceTime(100),
  delay: (scheduler) => anchored(rxjs.delay<Nested>(150, scheduler), (value) => [value]),
  auditTime: (scheduler) => anchored(rxjs.auditTime<Nested>(150, scheduler), (value) => [value]),
  mergeMap: (scheduler) => mergeMap((value) => later(value, scheduler)),
  concatMap: (scheduler) => concatMap((value) => later(value, scheduler)),
  switchMap: (scheduler) => switchMap((value) => later(value, scheduler)),
  groups: () => (values) =>
    values.pipe(
      groupBy(
        (value) => first(value) % 2,
        (group) => group.pipe(debounceTime(100)),
      ),
      mergeMap((group) => group.pipe(toArray())),
    ),
  breaking: () =>
    map((value) => {
      if (first(value) % 11 === 10) throw new RangeError('made up');
      return value;
    }),
};

type Command = { readonly rows: number } | { readonly ms: number } | { readonly store: number };
const commands = fc.array(
  fc.oneof(
    fc.record({ rows: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ ms: fc.integer({ min: 1, max: 300 }) }),
    fc.record({ store: fc.integer({ min: 0, max: 5 }) }),
  ),
  { maxLength: 30 },
);
const names = fc.array(fc.constantFrom(...Object.keys(STEPS)), { minLength: 1, maxLength: 4 });

async function open(steps: readonly string[]): Promise<FakeTask> {
  return opened((rows, scheduler) =>
    steps.reduce<ReturnType<Step>>(
      (values, name) => STEPS[name]!(scheduler)(values),
      rows.pipe(map(({ n }) => n)),
    ),
  );
}

function perform(task: FakeTask, command: Command): void {
  if ('ms' in command) return task.pass(command.ms);
  if ('store' in command) {
    const [emission] = task.emissions.splice(command.store, 1);
    return emission?.done();
  }
  for (let i = 0; i < command.rows; i++) task.process(task.ends.length);
}

/** Rows that are acked though something that was made of them is not stored. */
const tooEarly = ({ emissions, ends }: FakeTask): number[] =>
  emissions
    .flatMap(({ values }) => numbersIn(values as Nested[]))
    .filter((n) => ends[n] === 'acked' || ends[n] === 'done');

test('no row is acked too early, settled twice or forgotten', () =>
  fc.assert(
    fc.asyncProperty(names, commands, async (steps, sequence) => {
      const task = await open(steps);
      for (const command of sequence) {
        perform(task, command);
        expect(tooEarly(task)).toEqual([]);
      }
      task.ending = true;
      for (let i = 0; i < 50; i++) {
        task.pass(500);
        task.store();
      }
      expect(task.ends.filter((end) => end === 'open')).toEqual([]);
    }),
    { numRuns: 300 },
  ));

test('no row is acked that is in nothing that was stored, where operators drop none', () => {
  const dropping = ['filter', 'distinct', 'debounceTime', 'auditTime', 'switchMap'];
  const keeping = Object.keys(STEPS).filter((name) => !dropping.includes(name));
  const steps = fc.array(fc.constantFrom(...keeping), { minLength: 1, maxLength: 4 });
  return fc.assert(
    fc.asyncProperty(steps, commands, async (names, sequence) => {
      const task = await open(names);
      for (const command of sequence) if (!('store' in command)) perform(task, command);
      task.ending = true;
      const stored = new Set<number>();
      for (let i = 0; i < 50; i++) {
        task.pass(500);
        for (const n of numbersIn(task.store() as Nested[])) stored.add(n);
      }
      for (const n of numbersIn(task.passed as Nested[])) stored.add(n);
      const lost = task.ends.flatMap((end, n) =>
        (end === 'acked' || end === 'done') && !stored.has(n) ? [n] : [],
      );
      expect(lost).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
