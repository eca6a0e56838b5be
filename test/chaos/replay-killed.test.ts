/** Dead letters outlive the death of whatever sends them again or drops them: none is lost, none is there twice. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, jest, test } from '@jest/globals';
import { readCommits } from '../../runtime/state/commits.js';
import { readDeadLetters } from '../../runtime/state/read-letters.js';
import { READ, rowsIn, writeNumbered } from '../support/chaos/numbered.js';
import { isRunning, workersOf } from '../support/chaos/processes.js';
import { oneOf, seeded } from '../support/chaos/seeded.js';
import { eventually, place, TEST_TIMEOUT_MS, type Place, type Running } from '../support/cli.js';

jest.setTimeout(TEST_TIMEOUT_MS);

const LINES = 6_000;

/** Refuses every line; when it is mended, those that end in 3 still. */
const TOPOLOGY = `${READ}
const params = z.object({ input: z.string(), out: z.string(), mended: z.boolean().default(false) });
export default topology('strict', { params }, (t, { input, out, mended }) => {
  const { items } = t.bolt('read', read, { from: t.spout('lines', file({ path: input })).shuffle() });
  const judge = bolt({
    reads: Item,
    emits: { items: Item },
    process(row, emit) {
      if (!mended || row.number % 10 === 3) reject(mended ? 'ends in 3' : 'not yet');
      emit.items(row);
    },
  });
  const { items: good } = t.bolt('judge', judge, { from: items.by('key') });
  t.sink('store', jsonLines({ dir: out }), { from: good.shuffle() });
});
`;

const ARGS = ['./topology.mjs', '--set', 'input=lines.txt', '--set', 'out=out', '--state', 'state'];
const REPLAY = ['dlq', 'replay', ...ARGS, '--set', 'mended=true', '--workers', '2'];

/** A place where every line is a dead letter. */
async function withLetters(lines = LINES): Promise<Place> {
  const here = place();
  writeNumbered(here.dir, TOPOLOGY, lines);
  const { code, summary } = await here.json(['run', ...ARGS, '--workers', '2']);
  expect([code, summary.deadLetters]).toEqual([3, lines]);
  return here;
}

/** How often each line is a dead letter, and how often with the reason of the mended topology. */
async function lettersIn(here: Place): Promise<{ all: number[]; again: number }> {
  const all = Array<number>(LINES).fill(0);
  let again = 0;
  for await (const { raw, reason } of readDeadLetters(here.path('state'))) {
    all[Number(Buffer.from(raw).toString().split(' ')[1])]!++;
    if (reason.reason === 'ends in 3') again++;
  }
  return { all, again };
}

const storedIn = (here: Place): Set<number> =>
  new Set(rowsIn<{ number: number }>(here.dir).map(({ number }) => number));

const replayed = async (here: Place): Promise<number> =>
  (await readCommits(here.path('state/replay'), 'lines')).counters.emitted;

/** Ends the replay: all of it, or its coordinator alone; sometimes a worker dies before. */
async function strike(running: Running, random: () => number): Promise<void> {
  const workers = workersOf(running.pid);
  if (random() < 0.3 && workers.length > 0) process.kill(oneOf(random, workers), 'SIGKILL');
  if (random() < 0.5) running.kill();
  else running.signal('SIGKILL');
  await running.ended;
  while (workers.some(isRunning)) await sleep(5);
}

test.each([1, 2, 3])(
  'each letter is stored, or a dead letter once, after its replay was killed and begun again (seed %i)',
  async (seed) => {
    const random = seeded(4000 + seed);
    const here = await withLetters();
    for (let kill = 0; kill < 2; kill++) {
      const running = here.start([...REPLAY, '--json']);
      // A second one may have fewer left, and be over before.
      let over = false;
      void running.ended.then(() => (over = true));
      const least = random() * 0.4 * LINES;
      await eventually(async () => over || (await replayed(here)) >= least);
      await strike(running, random);
      const { all } = await lettersIn(here);
      expect(Math.max(...all)).toBe(1);
    }
    const { code, stderr } = await here.squall([...REPLAY, '--json']);
    expect({ code, stderr }).toMatchObject({ code: 3 });
    const { all, again } = await lettersIn(here);
    const stored = storedIn(here);
    const wrong = all.flatMap((letters, i) =>
      letters === (i % 10 === 3 ? 1 : 0) && stored.has(i) === (i % 10 !== 3) ? [] : [i],
    );
    expect(wrong.slice(0, 10)).toEqual([]);
    expect(again).toBe(LINES / 10);
  },
);

test('of a drop that is killed at any moment all is done or nothing, and the next one ends it', async () => {
  const random = seeded(5000);
  const here = await withLetters();
  const folder = here.path('state/dead-letters');
  const bytes = (): number =>
    readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  const full = bytes();
  const count = async (): Promise<number> =>
    (await lettersIn(here)).all.reduce((sum, letters) => sum + letters, 0);
  const drop = ['dlq', 'drop', 'strict', '--state', 'state', '--reason', 'not yet'];
  const lock = (): string =>
    readdirSync(here.path('state')).find((name) => name.startsWith('lock.'))!;
  for (let kill = 0; kill < 4 && (await count()) > 0; kill++) {
    const before = lock();
    const running = here.start(drop);
    // From when the letters are its own; the last time, when it has begun to remove them.
    await running.until(() => (kill < 3 ? lock() !== before : existsSync(join(folder, 'removed'))));
    if (kill < 3) await sleep(random() * 200);
    running.kill();
    await running.ended;
    expect([0, LINES]).toContain(await count());
  }
  expect((await here.squall(drop)).code).toBe(0);
  expect(await count()).toBe(0);
  expect(bytes()).toBeLessThan(full / 100);
  expect(readdirSync(folder)).toEqual([]);
});
