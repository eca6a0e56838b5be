/** What becomes of rows when a pipe fails, is refused, or ends. */
import { describe, expect, test } from '@jest/globals';
import * as rxjs from 'rxjs';
import {
  anchored,
  bufferCount,
  bufferTime,
  groupBy,
  map,
  mergeMap,
  passing,
  type Operator,
  type Rows,
} from '../../../bolts/rx/index.js';
import { reject } from '../../../topology/dsl/reject.js';
import { settled } from './fake-task.js';
import { opened, split } from './pipes.js';

const numbers = map((row: { readonly n: number }) => row.n);

const throwing = (bad: number): Operator<number, number> =>
  map((n) => {
    if (n === bad) throw new RangeError('made up');
    return n;
  });

describe('an error in the pipe', () => {
  test('fails the row at hand with it, and the rows that operators keep; what was emitted stands, and the next row gets a new pipe', async () => {
    const task = await opened((rows) => rows.pipe(numbers, throwing(3), bufferCount(2)));
    task.process(1, 2, 1, 3);
    task.store();
    expect(task.ends).toEqual(['acked', 'acked', 'failed rx-pipe-failed', 'threw RangeError']);
    task.process(4, 5);
    expect(task.store()).toEqual([[4, 5]]);
    expect(task.ends.slice(4)).toEqual(['acked', 'acked']);
  });

  test('behind a buffer is told by the next tick', async () => {
    const task = await opened((rows) =>
      rows.pipe(
        numbers,
        bufferTime('1s'),
        mergeMap((all) => all),
        throwing(2),
      ),
    );
    task.process(1, 2, 3);
    task.pass(1_000);
    expect(task.ends).toEqual(Array(3).fill('failed rx-pipe-failed'));
    expect(task.faults).toEqual(['made up']);
  });

  test('of a promise fails the rows, and other promises are not waited for', async () => {
    const task = await opened((rows) =>
      rows.pipe(
        numbers,
        mergeMap((n) => (n === 1 ? Promise.reject(new Error('made up')) : new Promise(() => {}))),
      ),
    );
    task.process(1, 2);
    await settled();
    expect(task.ends).toEqual(Array(2).fill('failed rx-pipe-failed'));
    task.pass(50);
    expect(task.faults).toEqual(['made up']);
  });

  test('that is caught by a retry fails the rows that were kept for the try before', async () => {
    const inner = (n: number): rxjs.Observable<number> =>
      n === 2 ? rxjs.throwError(() => new Error('made up')) : rxjs.NEVER;
    const task = await opened((rows) => rows.pipe(numbers, mergeMap(inner), passing(rxjs.retry())));
    task.process(1, 2, 3);
    expect(task.ends).toEqual(['failed rx-unsubscribed', 'failed rx-unsubscribed', 'open']);
  });

  test('that is caught by a retry fails what buffers had kept, and drops the value that had it', async () => {
    const task = await opened((rows) =>
      rows.pipe(
        numbers,
        groupBy((n) => n % 2),
        mergeMap((group) =>
          group.pipe(
            bufferCount(2),
            mergeMap((all) => all),
            throwing(2),
          ),
        ),
        passing(rxjs.retry()),
      ),
    );
    task.process(1, 2, 4, 3);
    expect(task.ends).toEqual(['failed rx-unsubscribed', 'acked', 'done', 'open']);
  });

  test('of a row that is emitted with a wrong value concerns that row alone', async () => {
    const task = await split((rows) => ({
      a: rows.pipe(
        numbers,
        map((n) => (n === 2 ? 'bad' : n)),
      ),
      b: rows.pipe(bufferCount(9)),
    }));
    task.process(1, 2, 3);
    expect(task.ends).toEqual(['open', 'threw RangeError', 'open']);
    expect(task.passed).toEqual([1, 3]);
  });
});

describe('a row that is rejected', () => {
  test('is rejected alone: the pipe and the others stand', async () => {
    const task = await opened((rows) =>
      rows.pipe(
        numbers,
        map((n) => (n === 2 ? reject('two') : n)),
        bufferCount(2),
      ),
    );
    task.process(1, 2, 3);
    expect(task.ends).toEqual(['open', 'threw Rejected', 'open']);
    expect(task.store()).toEqual([[1, 3]]);
    expect(task.ends).toEqual(['acked', 'threw Rejected', 'acked']);
  });

  test('by the function of mergeMap is rejected alone', async () => {
    const task = await opened((rows) =>
      rows.pipe(
        numbers,
        mergeMap((n) => (n === 2 ? reject('two') : [n])),
        bufferCount(2),
      ),
    );
    task.process(1, 2, 3);
    expect(task.ends).toEqual(['open', 'threw Rejected', 'open']);
  });

  test('when it is not the row at hand fails with the pipe', async () => {
    const task = await opened((rows) =>
      rows.pipe(
        bufferTime('1s'),
        map(() => reject('a buffer')),
      ),
    );
    task.process(1, 2);
    task.pass(1_000);
    expect(task.ends).toEqual(Array(2).fill('failed rx-pipe-failed'));
  });
});

describe('is refused with the next step', () => {
  const refused = (pipe: (rows: never) => unknown): Promise<unknown> =>
    expect(opened(pipe as never)).rejects.toThrow();

  test('when it is opened: an operator of RxJS that is not wrapped', async () => {
    for (const native of [rxjs.map((x) => x), rxjs.bufferTime(10), rxjs.share()])
      await expect(opened((rows) => rows.pipe(numbers, native as never))).rejects.toThrow(
        /^Operator 2 of a pipe is none of squall\/rx.*passing\(operator\).*anchored\(operator\)/,
      );
  });

  test('when it is opened: a pipe without rows for a stream, with rows for none, or that emits at once', async () => {
    await refused(() => undefined);
    await refused((rows: Rows<unknown>) => rows.pipe(passing(rxjs.startWith<unknown>(1))));
    await expect(split((rows) => ({ a: rows, b: rows, c: rows }))).rejects.toThrow('"c"');
  });

  test('when it happens: a value that comes late out of an operator that was said to keep none', async () => {
    const late = new rxjs.Subject<void>();
    const task = await opened((rows) => rows.pipe(passing(rxjs.delayWhen(() => late))));
    task.process(1);
    late.next();
    task.pass(50);
    expect(task.faults).toEqual([
      expect.stringContaining('Wrap one that keeps values in anchored()'),
    ]);
    expect(task.emissions).toEqual([]);
  });

  test('when it happens: a pipe that ends by itself', async () => {
    const task = await opened((rows) => rows.pipe(passing(rxjs.take(1))));
    task.process(1);
    expect(task.ends).toEqual(['threw RowError']);
  });
});

describe('a pipe is completed, so that what its operators keep is emitted', () => {
  test('when no spout begins a new message and no row has come for a while, again and again', async () => {
    const task = await opened((rows) => rows.pipe(numbers, anchored(rxjs.bufferCount(5))));
    task.process(1, 2);
    task.pass(50);
    expect(task.emissions).toEqual([]);
    task.ending = true;
    task.process(3);
    task.pass(150);
    expect(task.emissions).toEqual([]);
    task.pass(50);
    expect(task.store()).toEqual([[1, 2, 3]]);
    task.process(4);
    task.pass(200);
    expect(task.store()).toEqual([[4]]);
    expect(task.ends).toEqual(Array(4).fill('acked'));
  });

  test.each([
    ['sample', () => rxjs.sample<number>(rxjs.NEVER)],
    ['throttleTime', (time: rxjs.SchedulerLike) => rxjs.throttleTime<number>(60_000, time)],
    ['auditTime', (time: rxjs.SchedulerLike) => rxjs.auditTime<number>(60_000, time)],
  ])('and what %s had dropped is done, also when the task is closed', async (_, native) => {
    const task = await opened((rows, time) => rows.pipe(numbers, anchored(native(time))));
    task.process(1, 1, 2);
    task.ending = true;
    task.pass(200);
    task.process(3);
    task.close();
    task.pass(60_000);
    task.store();
    for (const end of task.ends) expect(['acked', 'done']).toContain(end);
  });

  test('when the task is closed', async () => {
    const task = await opened((rows) => rows.pipe(numbers, bufferCount(5)));
    task.process(1, 2);
    task.close();
    expect(task.store()).toEqual([[1, 2]]);
  });

  test('when they keep as much as they may, which the operator is told', async () => {
    const task = await opened((rows) => rows.pipe(numbers, bufferCount(10_000)));
    task.process(...Array.from({ length: 8_193 }, (_, i) => i));
    expect(task.warnings).toEqual([expect.stringContaining('kept 8192 values')]);
    expect(task.store()).toEqual([Array.from({ length: 8_192 }, (_, i) => i)]);
    expect(task.ends.indexOf('open')).toBe(8_192);
  });

  test('and its inner streams go on to their end', async () => {
    const inner = new rxjs.Subject<number>();
    const task = await opened((rows) => rows.pipe(mergeMap(() => inner)));
    task.process(1);
    task.ending = true;
    task.pass(500);
    inner.next(1);
    inner.complete();
    expect(task.store()).toEqual([1]);
    expect(task.ends).toEqual(['acked']);
  });
});
