/** What operators do with dead letters, with the built CLI. */
import { createSocket } from 'node:dgram';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import type { Listed } from '../../cli/dlq/list.js';
import { readCommits } from '../../runtime/state/commits.js';
import { SPELLINGS, tracesBelow, tracesIn } from '../support/canary.js';
import { place, TEST_TIMEOUT_MS, type Ended, type Place } from '../support/cli.js';
import { jsonRows } from '../support/outputs.js';
import { freePorts } from '../support/services/service.js';

jest.setTimeout(TEST_TIMEOUT_MS);

/** Stores where each line came from. Until it is mended, it refuses some and throws at others. */
const ORIGINS = `
import { z } from 'zod';
import { bolt, declassify, file, generate, int, jsonLines, merge, RawLine, reject, schema, text, topology, udp } from 'squall';
import { reveal } from 'squall/reveal';

const Origin = schema('origin', { from: text(), offset: int(), length: int() });
const place = declassify('where-from', {}, 'line');
const lineage = { origins: { from: place, offset: place, length: place } };
const params = z.object({
  input: z.string(), mended: z.boolean().default(false), follow: z.boolean().default(false),
  port: z.number().optional(), other: z.string().default('other'),
});

export default topology('origins', { params }, (t, { input, mended, follow, port, other }) => {
  const read = bolt({
    reads: RawLine,
    emits: { origins: Origin },
    lineage,
    process(row, emit) {
      const { length } = reveal(row.line);
      if (!mended && length % 5 === 1) reject('of this length');
      if (!mended && length % 5 === 2) throw new RangeError('of that length: ' + reveal(row.line));
      emit.origins({ from: row.source, offset: row.offset, length });
    },
  });
  const from = [t.spout('lines', file({ path: input, follow })).shuffle()];
  if (!follow) from.push(t.spout(other, generate({ lines: 200 })).shuffle());
  if (port !== undefined) from.push(t.spout('udp', udp({ port })).shuffle());
  const { origins } = t.bolt('read', read, { from: merge(...from) });
  t.sink('stored', jsonLines({ dir: 'out' }), { from: origins.shuffle() });
});
`;

const LINES = 300;
const numbered = (count: number): string =>
  Array.from({ length: count }, (_, i) => `${'x'.repeat(i % 23)} ${i}\n`).join('');

const RUN = ['./origins.mjs', '--set', 'input=in.log', '--max-attempts', '2', '--workers', '2'];
const MENDED = [...RUN, '--set', 'mended=true'];

function withInput(): Place {
  const here = place();
  here.write('origins.mjs', ORIGINS);
  here.write('in.log', numbered(LINES));
  return here;
}

interface Listing {
  readonly total: number;
  readonly matched: number;
  readonly counts: readonly { reason: string; component: string; count: number }[];
  readonly letters: readonly Listed[];
  readonly notices: readonly string[];
}

async function listing(here: Place, ...more: string[]): Promise<Listing> {
  const { stdout } = await here.squall(['dlq', 'list', 'origins', '--json', ...more]);
  return JSON.parse(stdout);
}

/** Where each stored row came from, sorted. */
const stored = (here: Place, dir = 'out'): string[] =>
  jsonRows(
    readdirSync(here.path(dir))
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => join(here.path(dir), name)),
  )
    .map((row) => JSON.stringify(row))
    .sort();

const state = (here: Place): string => here.path('.squall/origins');

test('letters are listed and shown masked, and once the topology is mended a replay stores each of them once', async () => {
  const here = withInput();
  const run = await here.json(['run', ...RUN]);
  expect(run.code).toBe(3);
  const { deadLetters } = run.summary;
  const before = await listing(here, '--limit', '1000');
  expect(before).toMatchObject({ total: deadLetters, matched: deadLetters, notices: [] });
  expect(before.counts.map(({ reason }) => reason).sort()).toEqual([
    'failed(read, RangeError)',
    'rejected(read, of this length)',
  ]);
  expect(before.letters.map(({ attempts }) => attempts).sort()).toContain(2);

  const { id } = before.letters[0]!;
  const again = await here.json(['dlq', 'replay', ...RUN]);
  expect({ code: again.code, ...again.summary }).toMatchObject({
    code: 3,
    emitted: deadLetters,
    acked: 0,
    deadLetters,
  });
  const after = await listing(here, '--limit', '1000');
  const ids = ({ letters }: Listing): string[] => letters.map((each) => each.id).sort();
  expect(ids(after)).toEqual(ids(before));
  expect(after.letters.every(({ replays }) => replays === 1)).toBe(true);
  expect(after.counts).toEqual(before.counts);
  const origin = ({ letters }: Listing): unknown => letters.find((each) => each.id === id)?.origin;
  expect(origin(after)).toEqual(origin(before));

  const one = await here.json(['dlq', 'replay', ...MENDED.toSpliced(1, 0, id)]);
  expect({ code: one.code, ...one.summary }).toMatchObject({ code: 0, emitted: 1, acked: 1 });
  const rest = await here.json(['dlq', 'replay', ...MENDED]);
  expect({ code: rest.code, ...rest.summary }).toMatchObject({
    code: 0,
    emitted: deadLetters - 1,
    acked: deadLetters - 1,
  });
  expect(await listing(here)).toMatchObject({ total: 0 });
  expect(readdirSync(join(state(here), 'dead-letters'))).toEqual([]);
  expect((await here.squall(['dlq', 'list', 'origins'])).stdout).toBe(
    'There are no dead letters in .squall/origins.\n',
  );
  const none = await here.squall(['dlq', 'replay', ...MENDED]);
  expect(none).toMatchObject({
    code: 0,
    stderr: 'There is nothing to replay in .squall/origins.\n',
  });

  const all = stored(here);
  rmSync(here.path('out'), { recursive: true });
  await here.json(['run', ...MENDED, '--state', 'fresh']);
  expect(all).toEqual(stored(here));
});

test('a replay leaves the commits of a stopped run as they are, does not ask its source, and is refused while it runs', async () => {
  const here = withInput();
  const args = [...RUN, '--set', 'follow=true'];
  const running = here.start(['run', ...args]);
  const done = async (): Promise<number> =>
    (await readCommits(state(here), 'lines')).counters.emitted;
  await running.until(async () => (await done()) === LINES);
  const refused = await Promise.all([
    here.squall(['dlq', 'replay', ...args]),
    here.squall(['dlq', 'drop', 'origins', '--all']),
  ]);
  for (const { code, stderr } of refused) {
    expect(code).toBe(2);
    expect(stderr).toContain(`.squall/origins is in use by another run (pid ${running.pid})`);
  }
  running.interrupt();
  await running.ended;
  const { total } = await listing(here);
  const commits = join(state(here), 'commits');
  const before = readdirSync(commits).map((name) => readFileSync(join(commits, name), 'latin1'));
  // The source is not asked for.
  rmSync(here.path('in.log'));
  const { code } = await here.squall(['dlq', 'replay', ...MENDED, '--set', 'follow=true']);
  expect(code).toBe(0);
  expect(readdirSync(commits).map((name) => readFileSync(join(commits, name), 'latin1'))).toEqual(
    before,
  );
  expect(stored(here)).toHaveLength(LINES);
  expect(total).toBeGreaterThan(0);
});

test('filters and ids choose what is listed, sent again and dropped', async () => {
  const here = withInput();
  await here.squall(['run', ...RUN]);
  const { total, counts, letters } = await listing(here);
  const thrown = counts.find(({ reason }) => reason.startsWith('failed'))!.count;
  expect(await listing(here, '--reason', 'RANGEERROR')).toMatchObject({ total, matched: thrown });
  expect(await listing(here, '--component', 'nobody')).toMatchObject({ total, matched: 0 });
  expect(await listing(here, '--since', '1h')).toMatchObject({ matched: total });
  expect(await listing(here, '--until', '1h')).toMatchObject({ matched: 0 });
  const { time } = letters[0]!;
  const older = (await listing(here, '--until', time)).matched;
  expect((await listing(here, '--since', time)).matched).toBe(total - older);
  expect(await listing(here, '--limit', '3')).toMatchObject({ matched: total });
  const { stdout } = await here.squall(['dlq', 'list', 'origins', '--limit', '3']);
  expect(stdout).toContain(`${total - 3} more, all older: give --limit to see them`);
  expect(stdout.match(/^worker-/gm)).toHaveLength(3);

  const drop = (...args: string[]): Promise<Ended> =>
    here.squall(['dlq', 'drop', 'origins', ...args]);
  expect(await drop()).toMatchObject({ code: 2, stdout: '' });
  expect((await drop('worker-0-1-1.1', letters[0]!.id)).stderr).toContain(
    'There is no dead letter worker-0-1-1.1 in .squall/origins, so nothing was done.',
  );
  expect((await drop('--since', 'yesterday')).stderr).toContain('Give a time as 2026-11-21T18:00Z');
  expect(await listing(here)).toMatchObject({ total });
  expect(await drop(letters[0]!.id, letters[1]!.id)).toMatchObject({
    code: 0,
    stdout: '2 dead letters dropped from .squall/origins\n',
  });
  expect(await listing(here)).toMatchObject({ total: total - 2 });
  const acked = await here.json(['dlq', 'replay', ...MENDED, '--reason', 'of this length']);
  expect(acked.code).toBe(0);
  expect((await listing(here)).counts.map(({ reason }) => reason)).toEqual([
    'failed(read, RangeError)',
  ]);
  expect((await drop('--component', 'read', '--json')).stdout).toMatch(
    /^\{"state":"\.squall\/origins","dropped":\d+\}\n$/,
  );
  expect(await listing(here)).toMatchObject({ total: 0 });
});

test('letters of a spout that the topology has no more stay, which is said', async () => {
  const here = withInput();
  await here.squall(['run', ...RUN]);
  const { total } = await listing(here);
  const { code, stderr, summary } = await here.json([
    ...['dlq', 'replay', ...MENDED, '--set', 'other=renamed'],
  ]);
  expect({ code, acked: summary.acked > 0 }).toEqual({ code: 3, acked: true });
  const left = total - summary.acked;
  expect(left).toBeGreaterThan(0);
  expect(stderr).toContain(
    `${left} dead letters stay: they came from the spout "other", which the topology has no more.`,
  );
  expect(await listing(here)).toMatchObject({ total: left });
});

test('what came as datagrams is sent again as it was, and nothing is received meanwhile', async () => {
  const here = withInput();
  const [port] = await freePorts(1);
  const args = [...RUN, '--set', 'follow=true', '--set', `port=${port}`];
  const running = here.start(['run', ...args]);
  const socket = createSocket('udp4');
  // Sent until one has come, as it is not told when a port is read.
  await running.until(async () => {
    socket.send(numbered(23), port, '127.0.0.1');
    await new Promise((sent) => setTimeout(sent, 50));
    return (await readCommits(state(here), 'udp')).counters.deadLetters > 0;
  });
  socket.close();
  running.interrupt();
  await running.ended;
  const { letters, total } = await listing(here, '--limit', '1000');
  expect(letters.some(({ origin }) => JSON.stringify(origin).includes('journal of udp'))).toBe(
    true,
  );
  const mended = [...MENDED, '--set', 'follow=true', '--set', `port=${port}`];
  const { code, summary } = await here.json(['dlq', 'replay', ...mended]);
  expect({ code, acked: summary.acked }).toEqual({ code: 0, acked: total });
  const sources = new Set(stored(here).map((row) => JSON.parse(row).from));
  expect(sources.size).toBe(2);
});

test('a message is revealed only to whoever says why, and that is logged before', async () => {
  const here = withInput();
  await here.squall(['run', ...RUN]);
  const { id } = (await listing(here)).letters.find(({ origin }) =>
    JSON.stringify(origin).includes('in.log'),
  )!;
  const show = (...args: string[]): Promise<Ended> =>
    here.squall(['dlq', 'show', 'origins', ...args]);
  const log = join(state(here), 'reveals.log');
  const masked = await show(id);
  expect(masked.code).toBe(0);
  expect(masked.stdout).toMatch(/^message +\d+ bytes, ASCII; 1 spaces, 0 tabs/m);
  expect(masked.stdout).not.toContain('in clear');
  for (const args of [['--reveal'], ['--reveal', '--reason', ' '], ['--reason', 'why']])
    expect(await show(id, ...args)).toMatchObject({ code: 2, stdout: '' });
  expect(await show('worker-9-9-9.9', '--reveal', '--reason', 'why')).toMatchObject({ code: 2 });
  expect(() => statSync(log)).toThrow('ENOENT');

  const reveal = ['--reveal', '--reason', 'ticket "4711"\n', '--json'];
  const { message } = JSON.parse((await show(id, ...reveal)).stdout);
  expect(message.text).toMatch(/^x* \d+$/);
  expect(Buffer.from(message.base64, 'base64').toString()).toBe(message.text);
  const clear = await show(id, ...reveal.slice(0, 3));
  expect(clear.stdout).toContain(`in clear   ${message.text}\n`);
  const entries = readFileSync(log, 'utf8').trimEnd().split('\n');
  expect(entries).toHaveLength(2);
  expect(JSON.parse(entries[0]!)).toEqual({
    time: expect.any(String),
    user: expect.any(String),
    uid: process.getuid!(),
    command: 'dlq show',
    id,
    reason: 'ticket "4711"',
  });
  expect(statSync(log).mode & 0o777).toBe(0o600);
  // Torn by a crash: the next entry begins a line of its own.
  appendFileSync(log, '{"time":');
  await show(id, ...reveal);
  expect(readFileSync(log, 'utf8').trimEnd().split('\n')).toHaveLength(4);
  // What cannot be logged is not shown.
  rmSync(log);
  mkdirSync(log);
  expect(await show(id, ...reveal)).toMatchObject({ code: 2, stdout: '' });
});

test('without its key, with another one and after a crash, a command says what it cannot read', async () => {
  const here = withInput();
  await here.squall(['run', ...RUN]);
  const { total } = await listing(here);
  const list = (): Promise<Ended> => here.squall(['dlq', 'list', 'origins']);
  const key = join(state(here), 'dead-letters.key');
  const bytes = readFileSync(key);
  chmodSync(key, 0o644);
  expect((await list()).stderr).toContain('Run: chmod 600');
  rmSync(key);
  expect(await list()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('has dead letters but no dead-letters.key'),
  });
  writeFileSync(key, randomBytes(32), { mode: 0o600 });
  expect(await list()).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^None of the dead letters in \.squall\/origins can be opened: .*dead-letters\.key is not the key/,
    ),
  });
  writeFileSync(key, bytes, { mode: 0o600 });
  const folder = join(state(here), 'dead-letters');
  const [segment] = readdirSync(folder);
  truncateSync(join(folder, segment!), statSync(join(folder, segment!)).size - 3);
  const torn = await list();
  expect(torn).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(`The last record of ${segment} is torn`),
  });
  expect(torn.stdout).toContain(`${total - 1} dead letters in`);
  expect(await here.squall(['dlq', 'list', 'nowhere'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no state folder .squall/nowhere'),
  });
  // What nobody can read can be given up.
  rmSync(key);
  expect(await here.squall(['dlq', 'drop', 'origins', '--all'])).toMatchObject({
    code: 0,
    stdout: '0 dead letters, and those that could not be read, dropped from .squall/origins\n',
  });
  expect(await listing(here)).toMatchObject({ total: 0 });
});

test('of addresses and e-mail addresses in dead letters nothing is shown, said or logged, unless they are revealed', async () => {
  const here = place();
  const lines = SPELLINGS.flatMap((value) => [
    `nonsense ${value}`,
    `${value}\t${value}`,
    `{"ip":"${value}","${value}":1}`,
  ]);
  const input = here.write('access.log', lines.join('\n'));
  const set = ['--set', `input=${input}`, '--set', 'out=out', '--workers', '1'];
  const { summary } = await here.json(['run', 'canonicalize', ...set]);
  expect(summary.deadLetters).toBe(lines.length);
  const dlq = (...args: string[]): Promise<Ended> =>
    here.squall(['dlq', args[0]!, 'canonicalize', ...args.slice(1)]);
  const listed = await dlq('list', '--json', '--limit', '1000');
  const ids = (JSON.parse(listed.stdout).letters as Listed[]).map(({ id }) => id);
  expect(ids).toHaveLength(lines.length);
  const said = [
    listed,
    await dlq('list'),
    await dlq('show', ids[0]!),
    await dlq('show', ids[1]!, '--json'),
    await dlq('show', ids[2]!, '--json'),
    await dlq('replay', ...set),
    await dlq('replay', ...set, '--json', '--log-format', 'json'),
    await dlq('drop', ids[3]!),
  ];
  expect(said.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 3, 3, 0]);
  for (const { stdout, stderr } of said) expect(tracesIn(Buffer.from(stdout + stderr))).toEqual([]);
  expect(tracesBelow(here.dir, [input])).toEqual([]);
  const { stdout } = await dlq('show', ids[0]!, '--reveal', '--reason', 'test');
  expect(tracesIn(Buffer.from(stdout)).length).toBeGreaterThan(0);
  expect(tracesBelow(here.dir, [input])).toEqual([]);
});
