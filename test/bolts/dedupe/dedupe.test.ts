import { describe, expect, jest, test } from '@jest/globals';
import { dedupe } from '../../../bolts/dedupe/dedupe.js';
import { MemoryIds } from '../../../bolts/dedupe/memory-ids.js';
import { OwnMetrics } from '../../../runtime/metrics/own-metrics.js';
import { feed } from '../../../runtime/testing/index.js';
import type { BoltContext, EmitAll } from '../../../topology/dsl/context.js';
import { bytes, int, nullable, pii, text } from '../../../topology/rows/field.js';
import { schema, type RowOf } from '../../../topology/rows/schema.js';
import type { Stream } from '../../../topology/dsl/stream.js';
import type { TopologyBuilder } from '../../../topology/dsl/topology.js';
import { jsonLines } from '../../../bolts/sink/json-lines/json-lines.js';
import { boltContext } from '../../support/bolt-context.js';

const Event = schema('event', { host: text(), sequence: nullable(int()), ip: pii('ip') });
const byBoth = dedupe(Event, ['host', 'sequence'], { window: '1h' });

interface Emission {
  readonly row: unknown;
  readonly done: () => void;
  readonly failed: (code: string, error: Error) => void;
}

/** A task whose emissions the test settles. */
async function opened(room = Infinity): Promise<{
  process(id: number): Promise<void>;
  emissions: Emission[];
  dropped(): number;
  turn(): void;
}> {
  const emissions: Emission[] = [];
  const own = new OwnMetrics();
  let turn = (): void => {};
  const context = boltContext({
    ...own.of('dedupe'),
    every: (_, call) => void (turn = call),
    emitting: (run, done, failed) => {
      if (emissions.length >= room) return failed('ledger-full', new Error('full'));
      run({
        unique: (row: unknown) => emissions.push({ row, done, failed }),
      } as never as EmitAll<never>);
    },
  });
  const task = await byBoth.open(context as BoltContext);
  return {
    process: async (id) => task.process!({ host: 'h', sequence: id }, {}),
    emissions,
    dropped: () => own.snapshot()[0]!.value,
    turn: () => turn(),
  };
}

const settled = (): Promise<void> => new Promise((done) => setImmediate(done));

describe('dedupe', () => {
  test('passes the first row of an id with all its fields, and drops the others', async () => {
    const rows = [
      { host: 'a', sequence: 1, ip: '192.0.2.1' },
      { host: 'a', sequence: 2, ip: '192.0.2.1' },
      { host: 'a', sequence: 1, ip: '192.0.2.2' },
      { host: 'b', sequence: 1, ip: '192.0.2.1' },
      { host: 'a', sequence: null, ip: '192.0.2.1' },
      { host: 'a', sequence: null, ip: '192.0.2.1' },
    ];
    const { streams, failed, rejected } = await feed(byBoth, rows);
    expect([failed, rejected]).toEqual([[], []]);
    expect(streams['unique']).toHaveLength(4);
    expect(
      streams['unique']!.map(({ host, sequence }) => `${String(host)} ${String(sequence)}`),
    ).toEqual(['a 1', 'a 2', 'b 1', 'a null']);
    expect(String(streams['unique']![0]!['ip'])).toBe('[pii:ip]');
  });

  test('passes a row again whose first attempt was not stored', async () => {
    const task = await opened();
    const first = task.process(1);
    await settled();
    task.emissions[0]!.failed('timeout', new Error('lost on its way'));
    await expect(first).rejects.toThrow('lost on its way');
    const second = task.process(1);
    await settled();
    expect(task.emissions).toHaveLength(2);
    task.emissions[1]!.done();
    await second;
    expect(task.dropped()).toBe(0);
  });

  test('holds back the rows of an id while one is on its way, and drops them when that is stored', async () => {
    const task = await opened();
    const all = [task.process(1), task.process(1), task.process(1)];
    await settled();
    expect(task.emissions).toHaveLength(1);
    task.emissions[0]!.done();
    await Promise.all(all);
    expect(task.emissions).toHaveLength(1);
    expect(task.dropped()).toBe(2);
  });

  test('lets one of the rows that were held back pass when the first fails', async () => {
    const task = await opened();
    const [first, second, third] = [task.process(1), task.process(1), task.process(1)];
    await settled();
    task.emissions[0]!.failed('rejected', new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    await settled();
    expect(task.emissions).toHaveLength(2);
    task.emissions[1]!.done();
    await Promise.all([second, third]);
    expect(task.dropped()).toBe(1);
  });

  test('lets go of the rows whose attempts have timed out with the first, and keeps those that came later', async () => {
    const task = await opened();
    const early = [task.process(1), task.process(1), task.process(1)];
    await settled();
    const late = [task.process(1), task.process(1)];
    task.emissions[0]!.failed('timeout', new Error('too late'));
    for (const each of early) await expect(each).rejects.toThrow('too late');
    await settled();
    expect(task.emissions).toHaveLength(2);
    task.emissions[1]!.done();
    await Promise.all(late);
    expect(task.dropped()).toBe(1);
  });

  test('drops all rows of an id at once when the first is stored, and asks the store for none of them', async () => {
    let asked = 0;
    const has = jest.spyOn(MemoryIds.prototype, 'has').mockImplementation(() => asked++ > 0);
    const task = await opened();
    const all = Array.from({ length: 1_000 }, () => task.process(1));
    await settled();
    task.emissions[0]!.done();
    await Promise.all(all);
    has.mockRestore();
    expect(asked).toBe(1);
    expect(task.dropped()).toBe(999);
  });

  test('waits for room where the worker has none for another message', async () => {
    const task = await opened(1);
    const all = [task.process(1), task.process(2), task.process(3)];
    for (let i = 0; i < 3; i++) {
      await settled();
      expect(task.emissions).toHaveLength(1);
      task.emissions.shift()!.done();
    }
    await settled();
    task.turn();
    await settled();
    for (const { done } of task.emissions.splice(0)) done();
    await Promise.all(all);
  });

  test('asks to be grouped by its key, in order, and says where ids are kept', () => {
    expect(byBoth.needs).toEqual(['host', 'sequence']);
    expect(byBoth.parameters).toEqual({
      key: ['host', 'sequence'],
      windowMs: 3_600_000,
      store: 'memory',
    });
    const shared = dedupe(Event, 'host', { window: 1, store: { url: 'redis://u:secret@h:1/2' } });
    expect(shared.parameters).toMatchObject({ key: ['host'], store: 'h:1/2' });
    expect(byBoth.lineage!['unique']).toMatchObject({ ip: { how: 'copy', from: ['ip'] } });
  });

  test('is wired by its key, and passes on the rows that it reads', () => {
    const wire = (t: TopologyBuilder, events: Stream<RowOf<typeof Event>>): void => {
      const { unique } = t.bolt('good', byBoth, { from: events.by('host', 'sequence') });
      t.bolt('again', dedupe(Event, 'host', { window: 1 }), { from: unique.by('host') });
      // @ts-expect-error: another key
      t.bolt('other', byBoth, { from: events.by('host') });
      // @ts-expect-error: no key
      t.bolt('none', byBoth, { from: events.shuffle() });
      // @ts-expect-error: sealed rows into a sink
      t.sink('leak', jsonLines(), { from: unique.shuffle() });
    };
    expect(wire).toBeInstanceOf(Function);
  });

  test('takes no sealed key, no bytes, no field that there is not, and no window of nothing', () => {
    const Raw = schema('raw', { raw: bytes(), host: text() });
    // @ts-expect-error: sealed
    dedupe(Event, 'ip', { window: '1h' });
    // @ts-expect-error: bytes
    dedupe(Raw, 'raw', { window: '1h' });
    // @ts-expect-error: no such field
    expect(() => dedupe(Event, 'nope', { window: '1h' })).toThrow('"nope" is no field of event');
    expect(() => dedupe(Event, 'toString' as never, { window: '1h' })).toThrow(
      '"toString" is no field of event',
    );
    // @ts-expect-error: none
    expect(() => dedupe(Event, [], { window: '1h' })).toThrow('is no field of event');
    expect(() => dedupe(Event, 'host', { window: 0 })).toThrow('a millisecond or more');
  });
});
