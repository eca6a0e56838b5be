/** A line that kills whoever works on it: the run stops, and says where. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { expectExit, killRuns } from '../support/chaos/cli-run.js';
import { committedIn } from '../support/chaos/canonicalized.js';
import { missing, READ, rowsIn, runNumbered, writeNumbered } from '../support/chaos/numbered.js';

const LINES = 20_000;
const POISON = 12_345;

const TOPOLOGY = `${READ}
const ends = {
  none: () => {},
  kill: () => process.kill(process.pid, 'SIGKILL'),
  exit: () => process.exit(3),
};
const params = z.object({ input: z.string(), out: z.string(), end: z.enum(['none', 'kill', 'exit']), by: z.enum(['row', 'batch']), keyed: z.boolean() });
export default topology('poison', { params }, (t, { input, out, end, by, keyed }) => {
  const { items } = t.bolt('read', read, { from: t.spout('lines', file({ path: input })).shuffle() });
  const look = (row) => row.number === ${POISON} && ends[end]();
  const process = (row, emit) => {
    emit.items(row);
    // Behind the emit: what came after it must not be blamed.
    look(row);
  };
  const processBatch = (rows, emit) => rows.forEach((row) => process(row, emit));
  const mortal = bolt({ reads: Item, emits: { items: Item }, ...(by === 'row' ? { process } : { processBatch }) });
  const { items: survivors } = t.bolt('mortal', mortal, { from: keyed ? items.by('key') : items.shuffle() });
  t.sink('store', jsonLines({ dir: out }), { from: survivors.shuffle() });
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

const set = (end: string, by: string, keyed: boolean): string[] =>
  Object.entries({ end, by, keyed }).flatMap(([name, value]) => ['--set', `${name}=${value}`]);

test.each([
  { end: 'kill', by: 'row', keyed: false, workers: 1, how: 'SIGKILL' },
  { end: 'exit', by: 'row', keyed: true, workers: 2, how: 'exit code 3' },
  { end: 'kill', by: 'batch', keyed: true, workers: 2, how: 'SIGKILL' },
])(
  'a $end by $by in $workers worker(s) stops the run after five deaths and names the component; the line stays uncommitted, and nothing before it is lost',
  async ({ end, by, keyed, workers, how }) => {
    const failed = await runNumbered(folder, workers, ...set(end, by, keyed)).ended;
    const summary = expectExit(failed, 1);
    expect(summary).toMatchObject({ outcome: 'failed', restarts: 4, deadLetters: 0 });
    expect(failed.stderr).toContain('5 workers died within a minute');
    expect(failed.stderr).toContain(`the last by ${how}`);
    expect(failed.stderr).toContain('the component "mortal" was at work');
    const committed = await committedIn(folder);
    expect(committed).toBeLessThan(LINES);
    // Mended.
    const summaryAfter = expectExit(
      await runNumbered(folder, workers, ...set('none', by, keyed)).ended,
      0,
    );
    expect(summaryAfter).toMatchObject({ outcome: 'completed', emitted: LINES - committed });
    expect(missing(rowsIn(folder), LINES)).toEqual([]);
    expect(readdirSync(join(folder, 'state'))).not.toContain('dead-letters');
  },
);
