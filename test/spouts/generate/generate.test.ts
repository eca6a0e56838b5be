import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Reader } from 'maxmind';
import { parse } from '../../../bolts/parse/index.js';
import { runInMemory } from '../../../runtime/testing/index.js';
import { generate, generateLines, type GenerateOptions } from '../../../spouts/generate/index.js';
import { LineBatch } from '../../../topology/dsl/line-batch.js';
import type { SpoutContext } from '../../../topology/dsl/spout.js';
import { int, text, time } from '../../../topology/rows/field.js';
import { schema } from '../../../topology/rows/schema.js';
import { sink } from '../../../topology/dsl/sink.js';
import { topology } from '../../../topology/dsl/topology.js';

interface Polling {
  poll(): LineBatch | 'idle' | 'done';
  release(batch: LineBatch): void;
  close(): void;
}

/** A task of the spout, with a clock that the test moves. */
function open(
  options: GenerateOptions,
  {
    task = 0,
    tasks = 1,
    committed = new Map<string, number>(),
    since = new Map<string, number>(),
  } = {},
): Polling & { clock: { ms: number } } {
  const spout = generate(options);
  const clock = { ms: 0 };
  const assignment = (spout.assign!(tasks, committed) as unknown[])[task];
  const context = {
    task,
    tasks,
    assignment,
    committed: since,
    now: () => clock.ms,
    wake: () => {},
  };
  return Object.assign(spout.open(context as unknown as SpoutContext) as unknown as Polling, {
    clock,
  });
}

/** All lines of a task, by index. */
function drained(task: Polling, most = Infinity): Map<number, string> {
  const lines = new Map<number, string>();
  for (
    let batch = task.poll();
    batch instanceof LineBatch && lines.size < most;
    batch = task.poll()
  ) {
    for (let i = 0; i < batch.count; i++)
      lines.set(batch.origin(i).offset, Buffer.from(batch.raw(i)).toString());
    task.release(batch);
  }
  return lines;
}

const linesOf = (count: number, seed?: number): string[] =>
  Buffer.concat([...generateLines(count, seed)])
    .toString()
    .split('\n')
    .slice(0, -1);

describe('generate', () => {
  test('gives a line that depends on the seed and its index alone', () => {
    const expected = new Map(linesOf(2000, 7).entries());
    expect(drained(open({ lines: 2000, seed: 7 }))).toEqual(expected);
    const parts = [0, 1, 2].map((task) =>
      drained(open({ lines: 2000, seed: 7 }, { task, tasks: 3 })),
    );
    expect(new Map(parts.flatMap((part) => [...part]))).toEqual(expected);
    expect(linesOf(10, 8)).not.toEqual(linesOf(10, 7));
  });

  test('gives each task every n-th line when there is no end', () => {
    const lines = linesOf(2000);
    for (const [index, line] of drained(open({}, { task: 1, tasks: 3 }), 600)) {
      expect(index % 3).toBe(1);
      if (index < 2000) expect(line).toBe(lines[index]);
    }
  });

  test('goes on where it was committed', () => {
    const task = open({ lines: 1000 });
    const batch = task.poll() as LineBatch;
    const since = new Map([[batch.partition, batch.positionAfter(99)]]);
    expect(Math.min(...drained(open({ lines: 1000 }, { since })).keys())).toBe(100);
    const again = [0, 1].flatMap((one) => [
      ...drained(open({ lines: 1000 }, { task: one, tasks: 2, committed: since })).keys(),
    ]);
    expect(again).toEqual(Array.from({ length: 900 }, (_, i) => i + 100));
  });

  test('uses the memory of a batch again once it is released', () => {
    const task = open({});
    const [first, second] = [task.poll(), task.poll()] as LineBatch[];
    expect(second).not.toBe(first);
    task.release(first!);
    expect(task.poll()).toBe(first);
  });

  test('keeps to its rate, shared among the tasks', () => {
    const task = open({ ratePerSecond: 1000 }, { task: 1, tasks: 2 });
    expect(task.poll()).toBe('idle');
    task.clock.ms = 10;
    expect((task.poll() as LineBatch).count).toBe(5);
    expect(task.poll()).toBe('idle');
    task.clock.ms = 1010;
    expect(drained(task).size).toBe(500);
    task.close();
  });

  test('lets the times of the lines go on at the rate', () => {
    const task = open({ lines: 21, ratePerSecond: 10 });
    task.clock.ms = 60_000;
    const times = [...drained(task).values()].map((line) => line.split('\t')[2]);
    expect([times[0], times[1], times[20]]).toEqual([
      '2013-01-10T00:00:00.000',
      '2013-01-10T00:00:00.100',
      '2013-01-10T00:00:02.000',
    ]);
  });

  test('refuses what is out of range', () => {
    expect(() => generate({ lines: -1 })).toThrow('lines must be');
    expect(() => generate({ ratePerSecond: 0 })).toThrow('ratePerSecond must be');
    expect(() => generate({ seed: 0.5 })).toThrow('seed must be');
  });
});

describe('the lines', () => {
  const lines = linesOf(20_000);
  const columns = lines.map((line) => line.split('\t'));

  test('count up per host, without a gap', () => {
    const last = new Map<string, number>();
    for (const [host, sequence] of columns) {
      const before = last.get(host!);
      if (before !== undefined) expect(Number(sequence)).toBe(before + 1);
      last.set(host!, Number(sequence));
    }
    expect(last.size).toBeGreaterThan(40);
  });

  test('come from many countries, agents and pages', () => {
    const path = createRequire(import.meta.url).resolve(
      '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb',
    );
    const countries = new Reader<never>(readFileSync(path));
    const codeOf = (ip: string): string | undefined =>
      (countries.get(ip) as { country_code?: string } | null)?.country_code;
    const distinct = (values: (string | undefined)[]): number => new Set(values).size;
    expect(distinct(columns.map(([, , , , ip]) => codeOf(ip!)))).toBeGreaterThan(100);
    expect(distinct(columns.map((line) => line[13]))).toBeGreaterThan(250);
    expect(distinct(columns.map((line) => line[8]))).toBeGreaterThan(1000);
    expect(columns.some(([, , , , ip]) => ip!.includes(':'))).toBe(true);
    const mean = lines.reduce((sum, { length }) => sum + length, 0) / lines.length;
    expect(mean).toBeGreaterThan(300);
    expect(mean).toBeLessThan(480);
  });

  test('are requests that parse takes, each with an id of its own', async () => {
    const Hit = schema('hit', { id: text(), dt: time(), http_status: int() });
    const counting = topology('counting', (t) => {
      const messages = t.spout('lines', generate({ lines: 3000 }), { tasks: 2 });
      const { requests } = t.bolt('parse', parse({ format: 'udp2log', emits: Hit }), {
        from: messages.shuffle(),
      });
      t.sink('hits', discard, { from: requests.shuffle() });
    });
    const { sinks, deadLetters } = await runInMemory(counting);
    expect(deadLetters).toEqual([]);
    expect(new Set(sinks['hits']!.map((hit) => hit['id'])).size).toBe(3000);
  });
});

const discard = sink<{ id: string; dt: number; http_status: number }>({
  kind: 'discard',
  open: () => ({ write: () => {} }),
});
