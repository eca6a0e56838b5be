/** Bolts of one pipe over rows `{ n }`. @module */
import type { SchedulerLike } from 'rxjs';
import { rx, type Rows } from '../../../bolts/rx/index.js';
import { int } from '../../../topology/rows/field.js';
import { schema } from '../../../topology/rows/schema.js';
import { FakeTask } from './fake-task.js';

const Numbered = schema('numbered', { n: int() });
export type Numbers = Rows<{ readonly n: number }>;

/** A task whose pipe has the output `out`, of whatever type. */
export const opened = (
  pipe: (rows: Numbers, scheduler: SchedulerLike) => Rows<unknown>,
): Promise<FakeTask> =>
  FakeTask.open(
    rx({
      reads: Numbered,
      emits: { out: Numbered },
      pipe: (rows, scheduler) => ({ out: pipe(rows, scheduler) as Rows<{ n: number }> }),
    }) as never,
  );

/** The same of several outputs. */
export const split = (
  pipe: (rows: Numbers) => Readonly<Record<'a' | 'b', Rows<unknown>>>,
): Promise<FakeTask> =>
  FakeTask.open(
    rx({ reads: Numbered, emits: { a: Numbered, b: Numbered }, pipe: pipe as never }) as never,
  );
