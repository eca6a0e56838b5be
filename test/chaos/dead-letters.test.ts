/** Messages given up outlive any death: the position moves on only when they are on disk. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readDeadLetters } from '../../runtime/state/read-letters.js';
import { expectExit, killRuns } from '../support/chaos/cli-run.js';
import { untilCommitted } from '../support/chaos/moment.js';
import { READ, rowsIn, runNumbered, writeNumbered } from '../support/chaos/numbered.js';
import { isRunning } from '../support/chaos/processes.js';
import { oneOf, seeded } from '../support/chaos/seeded.js';

const LINES = 100_000;

/** Bad data at once, and a bolt that throws after two attempts. */
const TOPOLOGY = `${READ}
const params = z.object({ input: z.string(), out: z.string() });
export default topology('strict', { params }, (t, { input, out }) => {
  const { items } = t.bolt('read', read, { from: t.spout('lines', file({ path: input })).shuffle() });
  const judge = bolt({
    reads: Item,
    emits: { items: Item },
    process(row, emit) {
      if (row.number % 10 === 3) reject('ends in 3');
      if (row.number % 1000 === 7) throw new TypeError('it ends in 007');
      emit.items(row);
    },
  });
  const { items: good } = t.bolt('judge', judge, { from: items.by('key') });
  t.sink('store', jsonLines({ dir: out }), { from: good.shuffle() });
});
`;

const isBad = (number: number): boolean => number % 10 === 3 || number % 1000 === 7;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-chaos-'));
  writeNumbered(folder, TOPOLOGY, LINES);
});
afterEach(() => {
  killRuns();
  rmSync(folder, { recursive: true });
});

test.each([1, 2, 3])(
  'each line is stored or a dead letter, after a worker and then the whole run were killed (seed %i)',
  async (seed) => {
    const random = seeded(3000 + seed);
    const run = runNumbered(folder, 2, '--max-attempts', '2');
    await untilCommitted(run, folder, random() * 0.4 * LINES);
    const workers = await run.until(
      'there were workers',
      () => run.workers().length === 2 && run.workers(),
    );
    process.kill(oneOf(random, workers), 'SIGKILL');
    await untilCommitted(run, folder, (0.4 + random() * 0.4) * LINES);
    const left = run.workers();
    run.signalAll('SIGKILL');
    await run.ended;
    while (left.some(isRunning)) await sleep(5);
    const summary = expectExit(await runNumbered(folder, 2, '--max-attempts', '2').ended, 3);
    expect(summary.emitted).toBe(summary.acked + summary.deadLetters);
    const stored = new Set(rowsIn<{ number: number }>(folder).map(({ number }) => number));
    const dead = new Set<number>();
    for await (const { raw } of readDeadLetters(join(folder, 'state')))
      dead.add(Number(Buffer.from(raw).toString().split(' ')[1]));
    const wrong = Array.from({ length: LINES }, (_, i) => i).filter(
      (i) => stored.has(i) === isBad(i) || dead.has(i) !== isBad(i),
    );
    expect(wrong).toEqual([]);
  },
);
