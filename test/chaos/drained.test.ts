/** SIGTERM under load: what was begun is finished, and nothing is done twice. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import {
  canonicalize,
  committedIn,
  expectAll,
  makeInput,
  storedIn,
  type Input,
} from '../support/chaos/canonicalized.js';
import { expectExit, killRuns } from '../support/chaos/cli-run.js';
import { untilCommitted } from '../support/chaos/moment.js';
import { missing, READ, rowsIn, runNumbered, writeNumbered } from '../support/chaos/numbered.js';

const LINES = 200_000;

let root: string;
let input: Input;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'squall-chaos-'));
  input = await makeInput(root, LINES);
});
afterEach(killRuns);
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each([
  { whom: 'the coordinator', all: false, share: 0.1 },
  { whom: 'all processes, as Ctrl-C is', all: true, share: 0.5 },
])(
  'drains when SIGTERM is sent to $whom; then the same command does the rest, each line once',
  async ({ all, share }) => {
    const folder = mkdtempSync(join(root, 'drained-'));
    const run = canonicalize(folder, input.path);
    await untilCommitted(run, folder, share * LINES);
    if (all) run.signalAll('SIGTERM');
    else run.signal('SIGTERM');
    const drained = expectExit(await run.ended, 0);
    expect(drained).toMatchObject({
      outcome: 'stopped',
      acked: drained.emitted,
      deadLetters: 0,
      restarts: 0,
    });
    expect(drained.emitted).toBeLessThan(LINES);
    expect(await committedIn(folder)).toBe(drained.emitted);
    const rest = LINES - drained.emitted;
    const summary = expectExit(await canonicalize(folder, input.path).ended, 0);
    expect(summary).toMatchObject({ outcome: 'completed', emitted: rest, acked: rest });
    const { rows, copies, counts } = await storedIn(folder, input);
    expect(rows).toBe(LINES);
    expect(copies.every((count) => count === 1)).toBe(true);
    expect(counts).toEqual(input.counts);
  },
);

test('ends at once, with nothing done, when SIGTERM comes while the workers start', async () => {
  const folder = mkdtempSync(join(root, 'early-'));
  const run = canonicalize(folder, input.path);
  await run.until('there were workers', () => run.workers().length === 2);
  run.signal('SIGTERM');
  const stopped = expectExit(await run.ended, 0);
  expect(stopped).toMatchObject({ outcome: 'stopped', emitted: 0, acked: 0 });
  expect(expectExit(await canonicalize(folder, input.path).ended, 0)).toMatchObject({
    emitted: LINES,
  });
  const { rows, counts } = await storedIn(folder, input);
  expect(rows).toBe(LINES);
  expect(counts).toEqual(input.counts);
});

test('loses nothing when a worker is killed while it drains', async () => {
  const folder = mkdtempSync(join(root, 'killed-'));
  const run = canonicalize(folder, input.path);
  await untilCommitted(run, folder, 0.3 * LINES);
  const [victim] = run.workers();
  run.signal('SIGTERM');
  process.kill(victim!, 'SIGKILL');
  const drained = expectExit(await run.ended, 0);
  expect(drained).toMatchObject({ outcome: 'stopped', acked: drained.emitted, restarts: 1 });
  expectExit(await canonicalize(folder, input.path).ended, 0);
  expectAll(await storedIn(folder, input), input);
});

const COPY = `${READ}
const params = z.object({ input: z.string(), out: z.string() });
export default topology('copy', { params }, (t, { input, out }) => {
  const { items } = t.bolt('read', read, { from: t.spout('lines', file({ path: input })).shuffle() });
  t.sink('store', jsonLines({ dir: out }), { from: items.shuffle() });
});
`;

test('goes on with another number of workers, where no state is kept by key', async () => {
  const folder = mkdtempSync(join(root, 'fewer-'));
  writeNumbered(folder, COPY, LINES);
  let done = 0;
  for (const workers of [3, 1]) {
    const run = runNumbered(folder, workers);
    await untilCommitted(run, folder, done + 10_000);
    run.signal('SIGTERM');
    const summary = expectExit(await run.ended, 0);
    expect(summary).toMatchObject({ outcome: 'stopped', acked: summary.emitted });
    done += summary.emitted;
  }
  expect(done).toBeLessThan(LINES);
  const summary = expectExit(await runNumbered(folder, 2).ended, 0);
  expect(summary).toMatchObject({ outcome: 'completed', emitted: LINES - done });
  const rows = rowsIn<{ number: number }>(folder);
  expect(rows).toHaveLength(LINES);
  expect(missing(rows, LINES)).toEqual([]);
});
