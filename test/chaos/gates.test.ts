/** Kills at the moments that chance rarely finds: while tasks are opened, closed, and finish. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { committedIn } from '../support/chaos/canonicalized.js';
import { expectExit, killRuns, type CliRun } from '../support/chaos/cli-run.js';
import { isRunning, peersOf } from '../support/chaos/processes.js';
import { missing, READ, rowsIn, runNumbered, writeNumbered } from '../support/chaos/numbered.js';

const LINES = 20_000;
const COMPLETED = { outcome: 'completed', emitted: LINES, acked: LINES, deadLetters: 0 };

/** At the gate, each task leaves a file with its pid and waits until the test has opened. */
const TOPOLOGY = `${READ}
const gate = async (gates, task) => {
  writeFileSync(gates + '/at-' + task + '.tmp', String(process.pid));
  renameSync(gates + '/at-' + task + '.tmp', gates + '/at-' + task);
  while (!existsSync(gates + '/open')) await new Promise((resolve) => setTimeout(resolve, 5));
};
const params = z.object({ input: z.string(), out: z.string(), gates: z.string(), at: z.enum(['open', 'open-last', 'block', 'close', 'finish']) });
export default topology('gates', { params }, (t, { input, out, gates, at }) => {
  const { items } = t.bolt('read', read, { from: t.spout('lines', file({ path: input })).shuffle() });
  const keeper = bolt({
    reads: Item,
    emits: { items: Item },
    open: async ({ task, tasks }) => {
      if (at === 'open' || (at === 'open-last' && task === tasks - 1)) await gate(gates, task);
      return {
        process(row, emit) {
          if (at === 'block' && row.number === ${LINES / 2} && !existsSync(gates + '/at-block')) {
            writeFileSync(gates + '/at-block', String(process.pid));
            for (;;);
          }
          emit.items(row);
        },
        close: () => at === 'close' ? gate(gates, task) : undefined,
      };
    },
  });
  const { items: kept } = t.bolt('keep', keeper, { from: items.by('key') });
  t.sink('store', jsonLines({ dir: out }), { from: kept.shuffle() });
  const last = sink({ kind: 'last', open: ({ task }) => ({ write() {}, close: () => at === 'finish' ? gate(gates, task) : undefined }) });
  t.sink('last', last, { from: kept.shuffle() });
});
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-chaos-'));
  writeNumbered(folder, TOPOLOGY, LINES);
});
afterEach(() => {
  killRuns();
  rmSync(folder, { recursive: true });
});

const start = (at: string, workers = 2): CliRun =>
  runNumbered(folder, workers, '--set', `gates=${folder}`, '--set', `at=${at}`);

/** The pids of the processes at the gate, by task. */
const waiting = (): string[] =>
  readdirSync(folder)
    .filter((name) => /^at-\d$/.test(name))
    .sort();
const pidAt = (name: string): number => Number(readFileSync(join(folder, name), 'utf8'));

const openGate = (): void => writeFileSync(join(folder, 'open'), '');

const MOMENTS = [
  { at: 'open', what: 'tasks are opened' },
  { at: 'close', what: 'tasks are closed' },
  { at: 'finish', what: 'tasks finish' },
];

test.each(MOMENTS)(
  'completes, with nothing lost, when a worker is killed while $what',
  async ({ at }) => {
    const run = start(at);
    await run.until('both workers were at the gate', () => waiting().length === 2);
    process.kill(pidAt('at-1'), 'SIGKILL');
    openGate();
    expect(expectExit(await run.ended, 0)).toMatchObject({ ...COMPLETED, restarts: 1 });
    expect(missing(rowsIn(folder), LINES)).toEqual([]);
  },
);

test('completes, with nothing lost, when a worker is killed that was linked before all were', async () => {
  const run = start('open-last', 3);
  await run.until('the last worker was at the gate', () => waiting().length === 1);
  const last = pidAt(waiting()[0]!);
  const linked = await run.until('the others were linked', () => {
    const others = run.workers().filter((pid) => pid !== last && peersOf(pid) === 1);
    return others.length === 2 && others;
  });
  process.kill(linked[0]!, 'SIGKILL');
  await run.until('the other one had noticed', () => peersOf(linked[1]!) === 0);
  openGate();
  expect(expectExit(await run.ended, 0)).toMatchObject({ ...COMPLETED, restarts: 1 });
  expect(missing(rowsIn(folder), LINES)).toEqual([]);
});

test.each(MOMENTS)(
  'goes on, with nothing lost, after a coordinator that was killed while $what; its workers end by themselves',
  async ({ at }) => {
    const run = start(at);
    await run.until('both workers were at the gate', () => waiting().length === 2);
    const workers = waiting().map(pidAt);
    run.signal('SIGKILL');
    await run.ended;
    while (workers.some(isRunning)) await sleep(5);
    openGate();
    const committed = await committedIn(folder);
    const summary = expectExit(await start(at).ended, 0);
    expect(summary).toMatchObject({
      outcome: 'completed',
      emitted: LINES - committed,
      restarts: 0,
    });
    expect(missing(rowsIn(folder), LINES)).toEqual([]);
  },
);

test('ends a worker that does not notice that its coordinator is gone, before its state is taken over', async () => {
  const run = start('block');
  await run.until('a worker was blocked', () => existsSync(join(folder, 'at-block')));
  const blocked = pidAt('at-block');
  const others = run.workers().filter((pid) => pid !== blocked);
  run.signal('SIGKILL');
  await run.ended;
  while (others.some(isRunning)) await sleep(5);
  expect(isRunning(blocked)).toBe(true);
  const committed = await committedIn(folder);
  const summary = expectExit(await start('block').ended, 0);
  expect(isRunning(blocked)).toBe(false);
  expect(summary).toMatchObject({ outcome: 'completed', emitted: LINES - committed });
  expect(missing(rowsIn(folder), LINES)).toEqual([]);
});
