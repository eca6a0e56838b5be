/** Ctrl-C, SIGTERM, and going on with the same state folder. */
import { appendFileSync, existsSync, readdirSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { readCommits } from '../../runtime/state/commits.js';
import { eventually, place, summaryIn, TEST_TIMEOUT_MS, type Place } from '../support/cli.js';
import { avroIds, avroRecords, countsIn, sum } from '../support/outputs.js';
import { freePorts } from '../support/services/service.js';
import { FAULTY, HELLO } from './topologies.js';

jest.setTimeout(TEST_TIMEOUT_MS);

test('SIGTERM finishes what is in flight and commits, and the same command goes on from there without a gap or a copy', async () => {
  const lines = 40_000;
  const here = place();
  const run = ['run', 'canonicalize', '--set', `lines=${lines}`, '--workers', '2', '--json'];
  const running = here.start(run);
  await running.until(() => recordsBegun(here));
  running.signal('SIGTERM');
  const stopped = await running.ended;
  const first = summaryIn(stopped);
  const { acked } = first;
  expect({ code: stopped.code, ...first }).toMatchObject({
    code: 0,
    outcome: 'stopped',
    emitted: acked,
  });
  expect(stopped.stderr).toMatch(
    /^stopping: what is in flight finishes first; once more to stop at once$/m,
  );
  expect(acked).toBeLessThan(lines);

  const { code, stderr, summary: second } = await here.json(run.slice(0, -1));
  expect({ code, ...second }).toMatchObject({
    code: 0,
    outcome: 'completed',
    acked: lines - acked,
  });
  expect(stderr).toMatch(
    /^going on from the last commit in \.squall\/canonicalize: [\d,]+ messages are done/m,
  );
  const outputs = [...first.outputs, ...second.outputs];
  const ids = await avroIds(outputs);
  expect({ all: ids.length, different: new Set(ids).size }).toEqual({
    all: lines,
    different: lines,
  });
  expect(sum(countsIn(outputs).values())).toBe(lines);
});

test('Ctrl-C stops a run that follows a file, and the next one reads on from there', async () => {
  const here = place();
  const line = (i: number) =>
    `10.0.0.1 - - [10/Jan/2013:05:06:07 +0000] "GET /${i} HTTP/1.1" 200 5\n`;
  const input = here.write('access.log', line(1) + line(2));
  const follow = [
    ...['run', 'canonicalize', '--set', `input=${input}`, '--set', 'format=apache-common'],
    ...['--set', 'follow=true', '--workers', '1', '--json'],
  ];
  const committed = async (): Promise<number> =>
    (await readCommits(here.path('.squall/canonicalize'), 'lines')).counters.acked;
  const paths: unknown[] = [];
  for (const acked of [2, 5]) {
    const running = here.start(follow);
    await running.until(async () => (await committed()) === acked);
    running.interrupt();
    const ended = await running.ended;
    const { outcome, restarts, outputs } = summaryIn(ended);
    expect({ code: ended.code, outcome, restarts }).toEqual({
      code: 0,
      outcome: 'stopped',
      restarts: 0,
    });
    const stored = await avroRecords(outputs);
    paths.push(...stored.map(({ uri_path }) => uri_path));
    appendFileSync(input, line(3) + line(4) + line(5));
  }
  expect(paths).toEqual(['/1', '/2', '/3', '/4', '/5']);
});

test('a second signal, or the end of the time given, stops at once, and the next run takes up what was in flight', async () => {
  const here = place();
  here.write('faulty.ts', FAULTY);
  const input = here.write('lines.log', 'fine\nhangs\nfine\n');
  const run = ['run', 'faulty.ts', '--set', `input=${input}`, '--state', 'state', '--json'];
  const stubborn = [...run, '--message-timeout', '1h', '--drain-timeout', '1h'];

  const twice = here.start([...stubborn, '--workers', '1']);
  await twice.until(() => twice.stderr().includes('hanging'));
  twice.signal('SIGTERM');
  await twice.until(() => twice.stderr().includes('once more to stop at once'));
  // On the heels of the first it would be taken for the same one, passed on by a parent.
  const firstMs = performance.now();
  await eventually(() => performance.now() - firstMs > 500);
  twice.signal('SIGTERM');
  const forced = await twice.ended;
  expect(forced.code).toBe(1);
  expect(summaryIn(forced)).toMatchObject({ acked: 2, deadLetters: 0 });
  expect(forced.stderr).toMatch(
    /^stopped at once: what was in flight is read again by the next run with the same --state$/m,
  );

  const late = here.start([...stubborn, '--drain-timeout', '200ms', '--inline']);
  await late.until(() => late.stderr().includes('hanging'));
  late.signal('SIGTERM');
  const ended = await late.ended;
  expect(ended.code).toBe(1);
  expect(ended.stderr).toMatch(/^not everything in flight was done within 0\.2 s$/m);

  const rest = await here.squall([
    ...run,
    '--message-timeout',
    '200ms',
    '--max-attempts',
    '1',
    '--inline',
  ]);
  expect(rest.code).toBe(3);
  expect(summaryIn(rest)).toMatchObject({
    outcome: 'completed',
    emitted: 2,
    acked: 1,
    deadLetters: 1,
  });
});

test('a state folder that another run uses is refused, and the owner is named', async () => {
  const here = place();
  const endless = ['run', 'canonicalize', '--inline', '--state', 'shared'];
  const owner = here.start(endless);
  await owner.until(() => existsSync(here.path('out')));
  const { code, stdout, stderr } = await here.squall([...endless, '--set', 'out=other']);
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr: `The state folder shared is in use by another run (pid ${owner.pid}); stop it or give another --state.\n`,
  });
  expect(existsSync(here.path('other'))).toBe(false);
  owner.signal('SIGTERM');
  expect((await owner.ended).code).toBe(0);
});

test('a state folder with a killed run of another topology is refused, and its run goes on as if nothing had happened', async () => {
  const here = place();
  const lines = 20_000;
  const run = ['run', 'canonicalize', '--state', 'shared', '--set', `lines=${lines}`, '--inline'];
  const killed = here.start(run);
  await killed.until(() => recordsBegun(here));
  killed.kill();
  await killed.ended;
  here.write('hello.ts', HELLO);
  const { code, stderr } = await here.squall(['run', 'hello.ts', '--state', 'shared']);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^The state folder shared holds how far a run of the topology "canonicalize" came .* Finish that run, or give another --state/,
  );
  const rest = await here.json(run);
  expect(rest.code).toBe(0);
  expect(new Set(await avroIds(rest.summary.outputs)).size).toBe(lines);
  expect((await here.squall(['run', 'hello.ts', '--state', 'shared'])).code).toBe(0);
});

test('two runs with states of their own write into the same folder, and each keeps all its records', async () => {
  const here = place();
  const run = ['run', 'canonicalize', '--inline'];
  const endless = here.start([...run, '--state', 'endless', '--json']);
  await endless.until(() => recordsBegun(here));
  const short = await here.json([...run, '--state', 'short', '--set', 'lines=10']);
  expect({ code: short.code, ids: (await avroIds(short.summary.outputs)).length }).toEqual({
    code: 0,
    ids: 10,
  });
  endless.signal('SIGTERM');
  const ended = await endless.ended;
  const { acked, outputs } = summaryIn(ended);
  expect({ code: ended.code, ids: (await avroIds(outputs)).length }).toEqual({
    code: 0,
    ids: acked,
  });
});

/** Whether a file of records is being written. */
const recordsBegun = ({ path }: Place): boolean =>
  existsSync(path('out/webrequest/.in-progress')) &&
  readdirSync(path('out/webrequest/.in-progress'), { recursive: true }).some((name) =>
    String(name).endsWith('.avro'),
  );

test('Ctrl-C ends a run at once whose tasks wait for a server that is away, and what cannot fit ends one before', async () => {
  const here = place();
  const [port] = await freePorts(1);
  here.write(
    'stored.ts',
    `import { z } from 'zod';
import { generate, int, parse, redis, schema, topology } from 'squall';
const Status = schema('status', { http_status: int() });
export default topology('stored', { params: z.object({ key: z.string() }) }, (t, { key }) => {
  const lines = t.spout('lines', generate({ lines: 10 }));
  const { requests } = t.bolt('parse', parse({ format: 'udp2log', emits: Status }), { from: lines.shuffle() });
  const out = redis({ url: 'redis://127.0.0.1:${port}', command: 'SET', key });
  t.sink('out', out, { from: requests.shuffle() });
});`,
  );
  for (const command of ['validate', 'graph', 'run'])
    expect(await here.squall([command, './stored.ts', '--set', 'key=k:{nope}'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"out": The template "k:{nope}" names the field "nope"'),
    });
  const running = here.start(['run', './stored.ts', '--set', 'key=k', '--json']);
  await running.until(() => running.stderr().includes('0 emitted'));
  running.interrupt();
  const ended = await running.ended;
  expect({ code: ended.code, ...summaryIn(ended) }).toMatchObject({
    code: 0,
    outcome: 'stopped',
    emitted: 0,
  });
});
