import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { rowsIn } from '../support/chaos/numbered.js';
import { ScaledRun, type Tallied } from '../support/scaled-run.js';

let folder: string;
let run: ScaledRun;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-test-'));
});
afterEach(() => {
  run.kill();
  rmSync(folder, { recursive: true });
});

/** Rows of one key were counted one after the other, and those of one sender as they were sent. */
function expectExact(rows: readonly Tallied[], lines: number): void {
  expect(rows.length).toBe(lines);
  const byKey = new Map<string, Tallied[]>();
  for (const row of rows) byKey.set(row.key, [...(byKey.get(row.key) ?? []), row]);
  for (const tallied of byKey.values()) {
    tallied.sort((a, b) => a.place - b.place);
    expect(tallied.map(({ place }) => place)).toEqual(tallied.map((_, i) => i + 1));
    const last = new Map<number, number>();
    for (const { number, sender } of tallied) {
      expect(number).toBeGreaterThan(last.get(sender) ?? -1);
      last.set(sender, number);
    }
  }
}

test('a keyed bolt goes from 1 to 4, 2, 8 and 1 tasks under load: nothing lost, every count exact', async () => {
  const lines = 24_000;
  run = new ScaledRun(folder, 2, lines, 4_000);
  await run.counts(2_000);
  const pids = run.workers();
  for (const tasks of [4, 2, 8, 1]) {
    expect(await run.scale('tally', tasks)).toMatchObject({ what: 'scaled' });
    await run.counts(2_000);
  }
  expect(run.workers()).toEqual(pids);
  const { outcome, restarts, components } = await run.over;
  expect({ outcome, restarts }).toEqual({ outcome: 'completed', restarts: 0 });
  expect(components.map(({ failed, replayed }) => failed + replayed)).toEqual([0, 0, 0, 0]);
  const rows = rowsIn<Tallied>(folder);
  expect(new Set(rows.map(({ task }) => task)).size).toBe(8);
  expectExact(rows, lines);
});

test('what cannot be scaled is refused, and the run goes on', async () => {
  run = new ScaledRun(folder, 2, 4_000, 4_000);
  await run.counts(100);
  expect(await run.scale('read', 3)).toMatchObject({ what: 'refused', name: 'ScaleRefused' });
  expect(await run.scale('tally', 0)).toMatchObject({ what: 'refused', name: 'ScaleRefused' });
  expect((await run.over).outcome).toBe('completed');
  expectExact(rowsIn<Tallied>(folder), 4_000);
});

test('a run that was stopped goes on with as many tasks, and with fewer workers', async () => {
  const lines = 16_000;
  run = new ScaledRun(folder, 3, lines, 4_000);
  await run.counts(1_000);
  expect(await run.scale('tally', 5)).toMatchObject({ what: 'scaled' });
  await run.counts(1_000);
  run.drain();
  expect((await run.over).outcome).toBe('stopped');
  run = new ScaledRun(folder, 2, lines, 4_000);
  const { outcome, components } = await run.over;
  expect(outcome).toBe('completed');
  expect(components.find(({ name }) => name === 'tally')!.tasks).toBe(5);
  const rows = rowsIn<Tallied>(folder);
  const places = rows.map(({ key, place }) => `${key} ${place}`);
  expect(rows.length).toBe(lines);
  expect(new Set(places).size).toBe(lines);
});

test('a worker that is killed while keys move loses none of them', async () => {
  const lines = 20_000;
  run = new ScaledRun(folder, 2, lines, 4_000);
  await run.counts(1_000);
  for (const [i, tasks] of [4, 2, 6, 1].entries()) {
    const scaling = run.scale('tally', tasks);
    // While it waits for the disk, or for its peer, or when it is done.
    await new Promise((done) => setTimeout(done, i * 4));
    process.kill(run.workers()[i % 2]!, 'SIGKILL');
    await scaling;
    await run.counts(1_000);
  }
  // Refused until the last one that was killed is back.
  for (let answer; answer?.what !== 'scaled'; await run.counts(1))
    answer = await run.scale('tally', 5);
  const { outcome, restarts, components } = await run.over;
  expect({ outcome, restarts }).toEqual({ outcome: 'completed', restarts: 4 });
  expect(components[0]).toMatchObject({ acked: lines, deadLetters: 0 });
  const rows = rowsIn<Tallied>(folder);
  const numbers = new Map<string, Set<number>>();
  const counts = new Map<string, number>();
  for (const { key, number, place } of rows) {
    numbers.set(key, (numbers.get(key) ?? new Set()).add(number));
    counts.set(key, Math.max(counts.get(key) ?? 0, place));
  }
  expect([...numbers.values()].reduce((sum, { size }) => sum + size, 0)).toBe(lines);
  for (const [key, { size }] of numbers) expect(counts.get(key)).toBeGreaterThanOrEqual(size);
});
