/** When a row is done: when everything that was made of it is stored, and no operator keeps it. */
import { describe, expect, test } from '@jest/globals';
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
  scan,
  switchMap,
  toArray,
} from '../../../bolts/rx/index.js';
import { settled } from './fake-task.js';
import { opened, split, type Numbers } from './pipes.js';

const numbers = map((row: { readonly n: number }) => row.n);

describe('a row that passes', () => {
  test('is emitted in its own turn, and nothing is held', async () => {
    const task = await opened((rows) =>
      rows.pipe(
        numbers,
        filter((n) => n > 1),
        map((n) => 10 * n),
      ),
    );
    task.process(1, 2, 3);
    expect(task.passed).toEqual([20, 30]);
    expect(task.ends).toEqual(['done', 'done', 'done']);
    expect(task.emissions).toEqual([]);
  });

  test('may become several rows, and be made of what came before', async () => {
    const task = await opened((rows) =>
      rows.pipe(
        numbers,
        scan((sum, n) => sum + n, 0),
        mergeMap((sum) => [sum, -sum]),
      ),
    );
    task.process(1, 2);
    expect(task.passed).toEqual([1, -1, 3, -3]);
    expect(task.ends).toEqual(['done', 'done']);
  });

  test('through an operator of RxJS that keeps nothing is like any other', async () => {
    const task = await opened((rows) => rows.pipe(numbers, passing(rxjs.distinctUntilChanged())));
    task.process(1, 1, 2);
    expect(task.passed).toEqual([1, 2]);
    expect(task.ends).toEqual(['done', 'done', 'done']);
  });
});

describe('rows in a buffer', () => {
  test('of time are open until the buffer is stored', async () => {
    const task = await opened((rows) => rows.pipe(numbers, bufferTime('1s')));
    task.process(1, 2);
    task.pass(950);
    expect(task.emissions).toEqual([]);
    task.pass(50);
    task.process(3);
    expect(task.ends).toEqual(['open', 'open', 'open']);
    expect(task.store()).toEqual([[1, 2]]);
    expect(task.ends).toEqual(['acked', 'acked', 'open']);
    task.pass(1_000);
    expect(task.store()).toEqual([[3]]);
    expect(task.ends).toEqual(['acked', 'acked', 'acked']);
  });

  test('of time do not wait for a clock that was set back', async () => {
    const task = await opened((rows) => rows.pipe(numbers, bufferTime('1s')));
    task.process(1);
    task.now -= 3_600_000;
    task.pass(1_000);
    expect(task.store()).toEqual([[1]]);
  });

  test('fail together when the buffer cannot be stored', async () => {
    const task = await opened((rows) => rows.pipe(bufferTime('1s')));
    task.process(1, 2);
    task.pass(1_000);
    task.emissions[0]!.failed('timeout');
    expect(task.ends).toEqual(['failed timeout', 'failed timeout']);
  });

  test('are emitted when there are enough, and a time that nothing came in emits nothing', async () => {
    const task = await opened((rows) => rows.pipe(numbers, bufferTime('1s', 2)));
    task.process(1, 2, 3);
    expect(task.store()).toEqual([[1, 2]]);
    task.pass(5_000);
    expect(task.store()).toEqual([[3]]);
    expect(task.ends).toEqual(['acked', 'acked', 'acked']);
  });

  test('that is dropped are done', async () => {
    const task = await opened((rows) =>
      rows.pipe(
        bufferCount(2),
        filter(() => false),
      ),
    );
    task.process(1, 2, 3);
    expect(task.ends).toEqual(['acked', 'done', 'open']);
  });

  test('that becomes several rows are open until all of them are stored', async () => {
    const task = await opened((rows) =>
      rows.pipe(
        numbers,
        bufferCount(2),
        mergeMap((both) => both),
      ),
    );
    task.process(1, 2);
    expect(task.emissions.map(({ values }) => values)).toEqual([[1, 2]]);
    expect(task.ends).toEqual(['open', 'open']);
    task.store();
    expect(task.ends).toEqual(['acked', 'acked']);
  });

  test('of buffers are open until the outer one is stored', async () => {
    const task = await opened((rows) => rows.pipe(numbers, bufferCount(2), bufferTime('1s')));
    task.process(1, 2, 3, 4);
    task.pass(1_000);
    expect(task.store()).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
    ]);
    expect(task.ends).toEqual(['acked', 'acked', 'acked', 'acked']);
  });

  test('wait when there is no room for them downstream', async () => {
    const task = await opened((rows) => rows.pipe(numbers, bufferCount(2)));
    task.isFull = true;
    task.process(1, 2);
    task.pass(100);
    expect(task.ends).toEqual(['open', 'open']);
    task.isFull = false;
    task.pass(50);
    expect(task.store()).toEqual([[1, 2]]);
    expect(task.ends).toEqual(['acked', 'acked']);
  });

  test('and in another stream are open until both are stored', async () => {
    const task = await split((rows) => ({
      a: rows.pipe(bufferCount(1)),
      b: rows.pipe(bufferTime('1s')),
    }));
    task.process(1);
    task.pass(1_000);
    expect(task.emissions.map(({ streams }) => streams)).toEqual([['b']]);
    expect(task.passed).toHaveLength(1);
    expect(task.ends).toEqual(['open']);
    task.store();
    expect(task.ends).toEqual(['acked']);
  });
});

test('debounceTime emits the newest row; those before are done when it comes', async () => {
  const task = await opened((rows) => rows.pipe(numbers, debounceTime('1s')));
  task.process(1, 2);
  expect(task.ends).toEqual(['acked', 'open']);
  task.pass(1_000);
  expect(task.store()).toEqual([2]);
  expect(task.ends).toEqual(['acked', 'acked']);
});

describe('a row with an inner stream', () => {
  test('is open until the stream has ended and what came out of it is stored', async () => {
    const inner = new rxjs.Subject<string>();
    const task = await opened((rows) =>
      rows.pipe(mergeMap(() => inner.pipe(rxjs.map((x) => `${x}!`)))),
    );
    task.process(1);
    inner.next('a');
    expect(task.store()).toEqual(['a!']);
    expect(task.ends).toEqual(['open']);
    inner.next('b');
    inner.complete();
    expect(task.ends).toEqual(['open']);
    expect(task.store()).toEqual(['b!']);
    expect(task.ends).toEqual(['acked']);
  });

  test('may wait for a promise', async () => {
    const task = await opened((rows) =>
      rows.pipe(
        numbers,
        mergeMap(async (n) => 10 * n),
      ),
    );
    task.process(1, 2);
    await settled();
    expect(task.store()).toEqual([10, 20]);
    expect(task.ends).toEqual(['acked', 'acked']);
  });

  test('that ends with nothing is done', async () => {
    const task = await opened((rows) => rows.pipe(mergeMap(() => rxjs.EMPTY)));
    task.process(1);
    expect(task.ends).toEqual(['done']);
  });

  test('is open while it waits for its turn', async () => {
    const inners = [new rxjs.Subject<string>(), new rxjs.Subject<string>()];
    const task = await opened((rows) => rows.pipe(concatMap((_, i) => inners[i]!)));
    task.process(1, 2);
    inners[1]!.next('too early: nobody listens');
    inners[0]!.complete();
    expect(task.ends).toEqual(['acked', 'open']);
    inners[1]!.next('b');
    inners[1]!.complete();
    expect(task.store()).toEqual(['b']);
    expect(task.ends).toEqual(['acked', 'acked']);
  });

  test('is done when switchMap turns to the next', async () => {
    const task = await opened((rows) => rows.pipe(switchMap(() => rxjs.NEVER)));
    task.process(1, 2);
    expect(task.ends).toEqual(['acked', 'open']);
  });
});

describe('rows of a group', () => {
  const grouped = (rows: Numbers) =>
    rows.pipe(
      numbers,
      groupBy(
        (n) => n % 2,
        (group) => group.pipe(debounceTime('1s')),
      ),
      mergeMap((group) =>
        group.pipe(
          toArray(),
          map((all) => ({ key: group.key, all })),
        ),
      ),
    );

  test('are open until their group has ended and is stored', async () => {
    const task = await opened(grouped);
    task.process(1, 2, 3);
    task.pass(600);
    task.process(4);
    task.pass(500);
    expect(task.store()).toEqual([{ key: 1, all: [1, 3] }]);
    expect(task.ends).toEqual(['acked', 'open', 'acked', 'open']);
    task.process(5);
    task.pass(1_000);
    expect(task.store()).toEqual([
      { key: 0, all: [2, 4] },
      { key: 1, all: [5] },
    ]);
    expect(task.ends).toEqual(Array(5).fill('acked'));
  });

  test('that pass are done, though the group waits for its end', async () => {
    const task = await opened((rows) =>
      rows.pipe(
        numbers,
        groupBy(
          () => 'all',
          (group) => group.pipe(debounceTime('1s')),
        ),
        mergeMap((group) => group.pipe(scan((sum, n) => sum + n, 0))),
      ),
    );
    task.process(1, 2);
    expect(task.passed).toEqual([1, 3]);
    expect(task.ends).toEqual(['done', 'done']);
  });

  test('that pass are done, though the group goes on', async () => {
    const task = await opened((rows) =>
      rows.pipe(
        numbers,
        groupBy((n) => n % 2),
        mergeMap((group) => group.pipe(scan((sum, n) => sum + n, 0))),
      ),
    );
    task.process(1, 2, 3);
    expect(task.passed).toEqual([1, 2, 4]);
    expect(task.ends).toEqual(['done', 'done', 'done']);
  });
});

describe('rows in an operator that is anchored by hand', () => {
  test('are open until what they are in is stored', async () => {
    const notifier = new rxjs.Subject<void>();
    const task = await opened((rows) => rows.pipe(numbers, anchored(rxjs.buffer(notifier))));
    task.process(1, 1, 2);
    notifier.next();
    expect(task.store()).toEqual([[1, 1, 2]]);
    expect(task.ends).toEqual(['acked', 'acked', 'acked']);
  });

  test('are done when the operator has emitted one that came later', async () => {
    const notifier = new rxjs.Subject<void>();
    const task = await opened((rows) => rows.pipe(numbers, anchored(rxjs.sample(notifier))));
    task.process(1, 2);
    notifier.next();
    expect(task.ends).toEqual(['acked', 'open']);
    expect(task.store()).toEqual([2]);
    expect(task.ends).toEqual(['acked', 'acked']);
  });

  test('are found in what is emitted by valuesIn', async () => {
    const pairs = anchored(
      rxjs.pipe(
        rxjs.bufferCount<number>(2),
        rxjs.map((both) => ({ both })),
      ),
      ({ both }) => both,
    );
    const task = await opened((rows) => rows.pipe(numbers, pairs));
    task.process(1, 2);
    expect(task.store()).toEqual([{ both: [1, 2] }]);
    expect(task.ends).toEqual(['acked', 'acked']);
  });

  test('may be arrays themselves', async () => {
    const notifier = new rxjs.Subject<void>();
    const task = await opened((rows) =>
      rows.pipe(numbers, bufferCount(2), anchored(rxjs.sample(notifier))),
    );
    task.process(1, 2);
    notifier.next();
    expect(task.store()).toEqual([[1, 2]]);
    expect(task.ends).toEqual(['acked', 'acked']);
  });

  test('fail with what valuesIn throws', async () => {
    const fails = anchored(rxjs.bufferCount<number>(2), () => {
      throw new RangeError('made up');
    });
    const task = await opened((rows) => rows.pipe(numbers, fails));
    task.process(1, 2);
    expect(task.ends).toEqual(['failed rx-pipe-failed', 'threw RangeError']);
  });

  test('fail, and the operator is told what to do, when they are not found', async () => {
    const task = await opened((rows) =>
      rows.pipe(numbers, anchored(rxjs.pipe(rxjs.bufferCount<number>(2), rxjs.map(String)))),
    );
    task.process(1, 2);
    expect(task.ends).toEqual(['failed rx-pipe-failed', 'threw RowError']);
  });
});
