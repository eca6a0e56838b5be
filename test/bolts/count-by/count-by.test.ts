import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { countBy } from '../../../bolts/count-by/count-by.js';
import { feed } from '../../../runtime/testing/index.js';
import { float, int, pii, text, time } from '../../../topology/rows/field.js';
import { schema } from '../../../topology/rows/schema.js';
import { FakeState, FakeTask, settled, type Total } from './fake-task.js';

const Request = schema('request', {
  host: text(),
  dt: time(),
  ip: pii('ip'),
  status: int(),
  latency: float(),
});
const byHost = countBy(Request, 'host', { every: 1000, time: 'dt' });
const byClock = countBy(Request, 'status', { every: '1s' });

/** `window host`: the sum of its totals. */
function sums(totals: readonly Total[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { host, window, count } of totals) {
    const name = `${window} ${String(host)}`;
    sum[name] = (sum[name] ?? 0) + count;
  }
  return sum;
}

const openByHost = (state?: FakeState): Promise<FakeTask> => {
  return FakeTask.open(byHost as never, state).then((task) => Object.assign(task, { now: 1e12 }));
};

describe('counts', () => {
  test('are emitted per key and window when the newest time is one window past the end', async () => {
    const task = await openByHost();
    for (const [host, dt] of [
      ['a', 1000],
      ['b', 1999],
      ['a', 1500],
      ['a', 2000],
      ['a', 2999],
    ] as const)
      task.process({ host, dt });
    await task.turn();
    expect(task.emissions).toEqual([]);
    task.process({ host: 'c', dt: 3000 });
    await task.turn();
    expect(task.storeAll()).toEqual([
      { host: 'a', window: 1000, count: 2 },
      { host: 'b', window: 1000, count: 1 },
    ]);
    await task.turn();
    expect(task.emissions).toEqual([]);
  });

  test('by the clock fall into windows of the clock, which close though no row comes', async () => {
    const task = await FakeTask.open(byClock as never);
    task.now = 5_100;
    task.process({ status: 200 });
    task.now = 6_100;
    task.process({ status: 404 });
    task.process({ status: 404 });
    await task.turn();
    expect(task.emissions).toEqual([]);
    task.now = 7_000;
    task.process({ status: 500 });
    await task.turn();
    expect(task.storeAll()).toEqual([{ status: 200, window: 5000, count: 1 }]);
  });

  test('of a late row come in a total of their own, and the sum is right', async () => {
    const task = await openByHost();
    task.process({ host: 'a', dt: 100 });
    task.process({ host: 'a', dt: 9_000 });
    await task.turn();
    const totals = task.storeAll();
    task.process({ host: 'a', dt: 200 });
    task.process({ host: 'a', dt: 300 });
    await task.turn();
    totals.push(...task.storeAll());
    expect(totals).toEqual([
      { host: 'a', window: 0, count: 1 },
      { host: 'a', window: 0, count: 2 },
    ]);
  });

  test('are all emitted when the task closes', async () => {
    const task = await openByHost();
    for (let i = 0; i < 2_500; i++) task.process({ host: `h${i}`, dt: i });
    const totals = await task.close();
    expect(totals.map(({ host }) => host).sort()).toEqual(
      Array.from({ length: 2_500 }, (_, i) => `h${i}`).sort(),
    );
    expect(task.held.size).toBe(0);
    expect(task.state.durable.size).toBe(0);
  });

  test('of windows that are not over are not closed by a time in the future', async () => {
    const task = await openByHost();
    task.now = 1_500;
    task.process({ host: 'a', dt: 1_400 });
    task.process({ host: 'a', dt: 9e11 });
    await task.turn();
    expect(task.emissions).toEqual([]);
  });

  test('are the same for times before 1970', async () => {
    const task = await openByHost();
    task.process({ host: 'a', dt: -1 });
    task.process({ host: 'a', dt: 5_000 });
    await task.turn();
    expect(task.storeAll()).toEqual([{ host: 'a', window: -1000, count: 1 }]);
  });
});

describe('a counted row', () => {
  test('is done when its count is on disk, not before', async () => {
    const task = await openByHost();
    task.process({ host: 'a', dt: 1 });
    expect(task.held.size).toBe(1);
    expect(task.state.durable.size).toBe(0);
    await task.turn();
    expect(task.held.size).toBe(0);
    expect([...task.state.durable.values()]).toEqual([[0, 'a', 1]]);
  });

  test('waits while the disk is full, and the operator hears of it', async () => {
    const task = await openByHost();
    task.process({ host: 'a', dt: 1 });
    task.state.next = 'refused';
    await task.turn();
    expect(task.held.size).toBe(1);
    expect(task.warnings).toEqual([expect.stringContaining('ENOSPC')]);
    task.process({ host: 'a', dt: 2 });
    await task.turn();
    expect(task.held.size).toBe(0);
    expect([...task.state.durable.values()]).toEqual([[0, 'a', 2]]);
  });

  test('waits for no turn when 16,384 wait', async () => {
    const task = await openByHost();
    for (let i = 0; i < 16_383; i++) task.process({ host: 'a', dt: 1 });
    await settled();
    expect(task.held.size).toBe(16_383);
    task.process({ host: 'a', dt: 1 });
    await settled();
    expect(task.held.size).toBe(0);
  });
});

describe('a window', () => {
  test('leaves the state only when its totals are stored, and is emitted again when they are not', async () => {
    const task = await openByHost();
    task.process({ host: 'a', dt: 1 });
    task.process({ host: 'b', dt: 5_000 });
    await task.turn();
    expect(task.emissions).toHaveLength(1);
    task.emissions.pop()!.failed('timeout');
    expect([...task.state.durable.values()]).toContainEqual([0, 'a', 1]);
    await task.turn();
    expect(task.storeAll()).toEqual([{ host: 'a', window: 0, count: 1 }]);
    await task.turn();
    expect([...task.state.durable.values()]).toEqual([[5000, 'b', 1]]);
  });

  test('that was being emitted and opened again at a crash is one again', async () => {
    const before = await openByHost();
    before.process({ host: 'a', dt: 1 });
    before.process({ host: 'b', dt: 5_000 });
    await before.turn();
    before.process({ host: 'a', dt: 2 });
    await before.turn();
    const after = await openByHost(new FakeState(before.state.durable));
    await after.turn();
    expect([...after.state.durable.values()].sort()).toEqual(
      [
        [0, 'a', 2],
        [5000, 'b', 1],
      ].sort(),
    );
    after.process({ host: 'b', dt: 5_001 });
    await after.turn();
    expect(after.storeAll()).toEqual([{ host: 'a', window: 0, count: 2 }]);
  });
});

test('counts are exact without a crash, and never too low with crashes at any moment', async () => {
  type Step =
    | 'turn'
    | 'begin'
    | 'crash'
    | 'crash before acks'
    | 'store'
    | 'refuse'
    | 'full'
    | [host: string, dt: number];
  const row = fc.tuple(fc.constantFrom('a', 'b'), fc.nat(6_000));
  const steps = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: row },
      fc.constantFrom<Step>(
        'turn',
        'turn',
        'begin',
        'crash',
        'crash before acks',
        'store',
        'refuse',
        'full',
      ),
    ) as fc.Arbitrary<Step>,
    { maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (todo) => {
      let task = await openByHost();
      let crashes = 0;
      const stored: Total[] = [];
      const expected: Record<string, number> = {};
      const restart = async (): Promise<void> => {
        crashes++;
        const again = [...task.held.values()] as object[];
        task = await openByHost(new FakeState(task.state.durable));
        for (const held of again) task.process(held);
      };
      for (const step of todo) {
        if (Array.isArray(step)) {
          const [host, dt] = step;
          const name = `${Math.floor(dt / 1000) * 1000} ${host}`;
          expected[name] = (expected[name] ?? 0) + 1;
          task.process({ host, dt });
        } else if (step === 'turn') await task.turn();
        else if (step === 'begin') task.begin();
        else if (step === 'store') stored.push(...task.storeAll());
        else if (step === 'refuse')
          for (const { failed } of task.emissions.splice(0)) failed('timeout');
        else if (step === 'full') task.state.next = 'refused';
        else {
          if (step === 'crash before acks') {
            task.state.next = 'lost';
            await task.turn();
          }
          await restart();
        }
      }
      task.state.next = 'stored';
      await settled();
      stored.push(...task.storeAll(), ...(await task.close()));
      const sum = sums(stored);
      expect(task.held.size).toBe(0);
      for (const [name, count] of Object.entries(expected))
        expect(sum[name]).toBeGreaterThanOrEqual(count);
      expect(task.state.durable.size).toBe(0);
      if (crashes === 0) expect(sum).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

describe('the bolt', () => {
  test('counts a whole run exactly, and has emitted all when it ends', async () => {
    const Hit = schema('hit', { host: text(), dt: time() });
    const rows = Array.from({ length: 3_000 }, (_, i) => ({
      host: `h${i % 7}`,
      dt: (i % 5) * 700,
    }));
    const expected: Record<string, number> = {};
    for (const { host, dt } of rows) {
      const name = `${Math.floor(dt / 1000) * 1000} ${host}`;
      expected[name] = (expected[name] ?? 0) + 1;
    }
    const { streams, rejected, failed } = await feed(
      countBy(Hit, 'host', { every: '1s', time: 'dt' }),
      rows,
      {
        messageTimeoutMs: 1e9, // virtual time runs on while the disk works
      },
    );
    expect([rejected, failed]).toEqual([[], []]);
    expect(sums(streams['totals'] as readonly object[] as Total[])).toEqual(expected);
  });

  test('asks to be grouped by its key, and says what it emits', () => {
    expect(byHost.needs).toEqual(['host']);
    expect(byHost.emits.totals.fields).toEqual({
      host: { type: 'text' },
      window: { type: 'time' },
      count: { type: 'int', min: 1 },
    });
    expect(byHost.parameters).toEqual({ key: 'host', everyMs: 1000, time: 'dt' });
    expect(byHost.lineage).toEqual({
      totals: {
        host: { how: 'copy', from: ['host'] },
        window: { how: 'derive', from: ['dt'] },
        count: { how: 'derive', from: ['host'] },
      },
    });
  });

  test('takes no sealed key, no time that is none, and no field that it does not know', () => {
    // @ts-expect-error: sealed
    countBy(Request, 'ip', { every: '1m' });
    // @ts-expect-error: no such field
    expect(() => countBy(Request, 'host', { every: '1m', time: 'nope' })).toThrow(
      '"nope" is no time field of request',
    );
    // @ts-expect-error: not a number
    expect(() => countBy(Request, 'host', { every: '1m', time: 'host' })).toThrow(
      '"host" is no time field',
    );
    expect(() => countBy(Request, 'host', { every: '1m', time: 'status' })).toThrow(
      '"status" is no time field',
    );
    // @ts-expect-error: not a duration
    expect(() => countBy(Request, 'host', { every: 'minute' })).toThrow('is not a duration');
    expect(() => countBy(Request, 'host', { every: 0 })).toThrow('a millisecond or more');
    expect(() => countBy(schema('s', { count: text() }), 'count', { every: 1 })).toThrow(
      'rename the key',
    );
  });
});
