/** Rows that travel between workers: to the right task, in order, and none is lost when workers die. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { expectExit, killRuns } from '../support/chaos/cli-run.js';
import { untilCommitted } from '../support/chaos/moment.js';
import {
  keyOf,
  KEYS,
  missing,
  READ,
  rowsIn,
  runNumbered,
  writeNumbered,
} from '../support/chaos/numbered.js';

const LINES = 60_000;
const TASKS = 3;

const TOPOLOGY = `${READ}
const Dealt = schema('dealt', { key: text(), number: int(), sender: int(), to: int() });
const Seen = schema('seen', { key: text(), number: int(), sender: int(), how: text(), task: int(), place: int() });
const deal = bolt({
  reads: Item,
  emits: { dealt: Dealt },
  process: (row, emit) => emit.dealt.from(row, { to: row.number % ${TASKS} }),
});
const receive = (how) =>
  bolt({
    reads: Dealt,
    emits: { seen: Seen },
    open: ({ task }) => {
      let place = 0;
      return { process: (row, emit) => emit.seen.from(row, { how, task, place: place++ }) };
    },
  });
const params = z.object({ input: z.string(), out: z.string() });
export default topology('groupings', { params }, (t, { input, out }) => {
  const { items } = t.bolt('read', read, { from: t.spout('lines', file({ path: input })).shuffle() });
  const { dealt } = t.bolt('deal', deal, { from: items.shuffle() });
  const receivers = {
    by: dealt.by('key'),
    global: dealt.global(),
    all: dealt.all(),
    direct: dealt.direct('to'),
    custom: dealt.custom((row, tasks) => (row.number + 1) % tasks),
  };
  const seen = Object.entries(receivers).map(([how, from]) => t.bolt(how, receive(how), { from }).seen.shuffle());
  t.sink('store', jsonLines({ dir: out }), { from: merge(...seen) });
});
`;

interface Seen {
  readonly key: string;
  readonly number: number;
  readonly sender: number;
  readonly how: string;
  readonly task: number;
  /** How many rows the task had taken before. */
  readonly place: number;
}

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-chaos-'));
  writeNumbered(folder, TOPOLOGY, LINES);
});
afterEach(() => {
  killRuns();
  rmSync(folder, { recursive: true });
});

/** Each row came to every task that it was dealt to, and to no other. */
function expectDealt(seen: readonly Seen[]): void {
  const of = (how: string): Seen[] => seen.filter((row) => row.how === how);
  for (const how of ['by', 'global', 'direct', 'custom'])
    expect(missing(of(how), LINES)).toEqual([]);
  for (let task = 0; task < TASKS; task++) {
    expect(
      missing(
        of('all').filter((row) => row.task === task),
        LINES,
      ),
    ).toEqual([]);
  }
  expect(of('global').filter(({ task }) => task !== 0)).toEqual([]);
  expect(of('direct').filter(({ task, number }) => task !== number % TASKS)).toEqual([]);
  expect(of('custom').filter(({ task, number }) => task !== (number + 1) % TASKS)).toEqual([]);
  const pairs = new Set(of('by').map(({ key, task }) => `${key} ${task}`));
  expect(pairs.size).toBe(KEYS);
  expect(seen.filter(({ key, number }) => key !== keyOf(number))).toEqual([]);
}

test('deals rows to the right tasks of three workers, each once and in the order they were sent', async () => {
  expectExit(await runNumbered(folder, TASKS).ended, 0);
  const seen = rowsIn<Seen>(folder);
  expect(seen).toHaveLength(LINES * (4 + TASKS));
  expectDealt(seen);
  seen.sort((a, b) => a.place - b.place);
  const last = new Map<string, number>();
  for (const { how, task, sender, number } of seen) {
    const way = `${how} ${sender} ${task}`;
    if (number < (last.get(way) ?? -1)) throw new Error(`${number} overtook on the way ${way}`);
    last.set(way, number);
  }
  // Each of three senders to each of three tasks, but of 'global' to one.
  expect(last.size).toBe(4 * TASKS * TASKS + TASKS);
});

test('loses no row, and deals all as before, when each worker is killed in turn', async () => {
  const run = runNumbered(folder, TASKS);
  await run.until('all workers were there', () => run.workers().length === TASKS);
  const first = run.workers();
  for (const [turn, pid] of first.entries()) {
    await untilCommitted(run, folder, (turn + 1) * (LINES / (TASKS + 2)));
    await run.until('all workers were there', () => run.workers().length === TASKS);
    process.kill(pid, 'SIGKILL');
  }
  const summary = expectExit(await run.ended, 0);
  expect(summary).toMatchObject({
    outcome: 'completed',
    emitted: LINES,
    acked: LINES,
    deadLetters: 0,
    restarts: TASKS,
  });
  expectDealt(rowsIn<Seen>(folder));
});
