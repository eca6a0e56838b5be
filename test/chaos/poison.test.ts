/** Lines that are the worst for whoever works on them, among good ones: the good ones are stored, and the run goes on. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readDeadLetters } from '../../runtime/state/read-letters.js';
import { expectExit, killRuns } from '../support/chaos/cli-run.js';
import { missing, READ, rowsIn, runNumbered, writeNumbered } from '../support/chaos/numbered.js';

const LINES = 20_000;

/** By line. */
const POISONS: Record<number, string> = {
  1000: 'throws',
  3000: 'exits',
  5000: 'rejects',
  8000: 'aborts',
  10_000: 'hangs',
  12_000: 'kills',
  15_000: 'eats',
  18_000: 'loops',
};

const TOPOLOGY = `${READ}
const poisons = ${JSON.stringify(POISONS)};
const ends = {
  throws: () => { throw new TypeError('poison'); },
  rejects: () => Promise.reject(new RangeError('poison')),
  hangs: () => new Promise(() => {}),
  loops: () => { for (;;); },
  eats: () => { for (const eaten = [];;) eaten.push({ eaten }); },
  exits: () => process.exit(0),
  aborts: () => process.abort(),
  kills: () => process.kill(process.pid, 'SIGKILL'),
};
const params = z.object({ input: z.string(), out: z.string(), by: z.enum(['row', 'kept', 'batch']), keyed: z.boolean(), kinds: z.string().default(''), each: z.string().default('') });
export default topology('poison', { params }, (t, { input, out, by, keyed, kinds, each }) => {
  const { items } = t.bolt('read', read, { from: t.spout('lines', file({ path: input })).shuffle() });
  const harmful = new Set(kinds.split(','));
  const kindOf = (row) => each || (harmful.has(poisons[row.number]) ? poisons[row.number] : '');
  const look = (row) => ends[kindOf(row)]?.();
  // Behind the emit: what came after it must not be blamed.
  const process = (row, emit) => { emit.items(row); return look(row); };
  const ways = {
    row: { process },
    kept: { keeps: true, process },
    batch: { processBatch: async (rows, emit) => { for (const row of rows) emit.items(row); await Promise.all(rows.map(look)); } },
  };
  const mortal = bolt({ reads: Item, emits: { items: Item }, ...ways[by] });
  const { items: survivors } = t.bolt('mortal', mortal, { from: keyed ? items.by('key') : items.shuffle() });
  t.sink('store', jsonLines({ dir: out }), { from: survivors.shuffle() });
});
`;

/** Of a message's last attempt. */
const REASONS: Record<string, object> = {
  throws: { kind: 'failed', component: 'mortal', code: 'TypeError' },
  rejects: { kind: 'failed', component: 'mortal', code: 'RangeError' },
  hangs: { kind: 'timeout' },
  loops: { kind: 'blocked', component: 'mortal' },
  eats: { kind: 'out-of-memory', component: 'mortal' },
  exits: { kind: 'killed-worker', component: 'mortal' },
  aborts: { kind: 'killed-worker', component: 'mortal' },
  kills: { kind: 'killed-worker', component: 'mortal' },
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-chaos-'));
  writeNumbered(folder, TOPOLOGY, LINES);
});
afterEach(() => {
  killRuns();
  rmSync(folder, { recursive: true });
});

const set = (values: Record<string, unknown>): string[] =>
  Object.entries(values).flatMap(([name, value]) => ['--set', `${name}=${value}`]);

/** What of the messages that were given up is expected, if lines of these kinds were harmful. */
const lettersOf = (kinds: readonly string[]): object[] =>
  Object.entries(POISONS)
    .filter(([, kind]) => kinds.includes(kind))
    .map(([number, kind]) => ({ number: Number(number), reason: REASONS[kind] }));

async function lettersIn(): Promise<{ number: number; reason: unknown }[]> {
  // A letter that was durable before a death and not yet committed is written again.
  const letters = new Map<number, { number: number; reason: unknown }>();
  for await (const { raw, reason } of readDeadLetters(join(folder, 'state'))) {
    const number = Number(Buffer.from(raw).toString().split(' ')[1]);
    letters.set(number, { number, reason });
  }
  return [...letters.values()].sort((a, b) => a.number - b.number);
}

const HARSH = ['--max-attempts', '2', '--message-timeout', '5s', '--worker-memory-mb', '128'];
const ALL = Object.keys(REASONS);
const KILLERS = ['exits', 'aborts', 'kills'];

test.each([
  { by: 'kept', keyed: true, kinds: ALL },
  { by: 'row', keyed: false, kinds: ['throws', ...KILLERS] },
  { by: 'batch', keyed: true, kinds: KILLERS },
])(
  'a line of each of $kinds in 2 workers ($by, keyed: $keyed) is a dead letter with its reason, and all others are stored',
  async ({ by, keyed, kinds }) => {
    const run = runNumbered(folder, 2, ...set({ by, keyed, kinds }), ...HARSH);
    const summary = expectExit(await run.ended, 3);
    expect(summary).toMatchObject({ outcome: 'completed', emitted: LINES });
    expect(await lettersIn()).toEqual(lettersOf(kinds));
    expect(summary.deadLetters).toBe(kinds.length);
    const lost = missing(rowsIn(folder), LINES).filter((number) => !(number in POISONS));
    expect(lost).toEqual([]);
  },
);

test('a bolt that ends its worker with every line ends the run, which says where; mended, it goes on and loses nothing', async () => {
  const bad = { by: 'row', keyed: true, each: 'exits' };
  const { stderr, ...ended } = await runNumbered(folder, 2, ...set(bad)).ended;
  expect(expectExit({ stderr, ...ended }, 1)).toMatchObject({ outcome: 'failed' });
  expect(stderr).toMatch(
    /^20 workers died while \d+ messages were done \(the last by exit code 0\); the component "mortal" was at work\..*--state/m,
  );
  const mended = await runNumbered(folder, 2, ...set({ ...bad, each: 'none' })).ended;
  expectExit(mended, mended.summary?.deadLetters === 0 ? 0 : 3);
  const given = (await lettersIn()).map(({ number }) => number);
  expect(missing(rowsIn(folder), LINES).filter((number) => !given.includes(number))).toEqual([]);
});

test('process.exit(0) of a bolt in an inline run does not look like its end', async () => {
  const run = runNumbered(
    folder,
    1,
    '--inline',
    ...set({ by: 'row', keyed: false, kinds: 'exits' }),
  );
  const { code, summary, stderr } = await run.ended;
  expect({ code, summary }).toEqual({ code: 1, summary: undefined });
  expect(stderr).toContain('the run has not completed: its topology ended this process.');
});
