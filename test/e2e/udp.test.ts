/** Datagrams through the built CLI: what was sent is delivered, or counted as lost, to the datagram. */
import { readdirSync, readFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { expectExit, killRuns, type CliRun } from '../support/chaos/cli-run.js';
import { receiversOf } from '../support/chaos/processes.js';
import { lesserUser, place, TEST_TIMEOUT_MS } from '../support/cli.js';
import { conformance } from '../support/conformance.js';
import { freePorts, serverFolder } from '../support/services/service.js';
import { smallDisk } from '../support/small-disk.js';
import type { Summary } from '../../cli/summary.js';
import {
  committedNumbers,
  figure,
  flood,
  kernelDrops,
  leftNumbers,
  receiving,
  sendNumbers,
  storedNumbers,
} from '../support/udp.js';

let folder: ReturnType<typeof serverFolder>;
let port: number;

beforeEach(async () => {
  folder = serverFolder('udp');
  [port] = (await freePorts(1)) as [number];
});
afterEach(() => {
  killRuns();
  folder.remove();
});

/** Stops a run; what it counted, and what it left. */
async function stopped(
  run: CliRun,
  dir = folder.path,
): Promise<{ summary: Summary; left: number[] }> {
  run.signal('SIGINT');
  const summary = expectExit(await run.ended, 0);
  return { summary, left: await leftNumbers(dir) };
}

const drops = (summary: Summary): { kernel: number; journal: number } => ({
  kernel: figure(summary, 'udp_kernel_drops_total'),
  journal: figure(summary, 'udp_journal_drops_total'),
});

/** All that was sent is acked, or counted as dropped by the kernel. */
const untilDelivered = async (run: CliRun, sent: number): Promise<void> => {
  while (run.alive && (await committedNumbers(folder.path)) + kernelDrops(port) < sent)
    await new Promise((done) => setTimeout(done, 20));
};

test.each([10_000, 50_000])(
  'at %i datagrams a second, sent = delivered + dropped by the kernel + dropped by the journal',
  async (perSecond) => {
    const sent = 2 * perSecond;
    const run = await receiving(folder.path, { port });
    await sendNumbers(port, 0, sent, perSecond);
    await untilDelivered(run, sent);
    const { summary, left } = await stopped(run);
    const { kernel, journal } = drops(summary);
    expect([summary.acked + kernel + journal, left]).toEqual([sent, []]);
    expect(figure(summary, 'udp_datagrams_total')).toBe(summary.acked);
    const stored = storedNumbers(folder.path);
    expect([stored.length, new Set(stored).size]).toEqual([summary.acked, summary.acked]);
  },
  TEST_TIMEOUT_MS,
);

test(
  'when two processes send as fast as they can, it is counted to the datagram what became of them',
  async () => {
    const run = await receiving(folder.path, { port });
    const sent = (await Promise.all([flood(port, 2000), flood(port, 2000)])).reduce(
      (a, b) => a + b,
    );
    await untilDelivered(run, sent);
    const { summary, left } = await stopped(run);
    const { kernel, journal } = drops(summary);
    expect([summary.acked + left.length + kernel + journal, left]).toEqual([sent, []]);
    expect(kernel).toBeGreaterThan(0);
  },
  TEST_TIMEOUT_MS,
);

test(
  'when far more comes than is read, what the kernel drops is counted, and said',
  async () => {
    const sent = 60_000;
    const run = await receiving(folder.path, { port, bufferBytes: 65_536 });
    const [receiver] = receiversOf(run.pid);
    await sendNumbers(port, 0, sent / 3);
    process.kill(receiver!, 'SIGSTOP');
    await sendNumbers(port, sent / 3, sent / 3);
    process.kill(receiver!, 'SIGCONT');
    await sendNumbers(port, (2 * sent) / 3, sent / 3);
    const { summary, left } = await stopped(run);
    const { kernel, journal } = drops(summary);
    expect(summary.acked + left.length + kernel + journal).toBe(sent);
    expect(kernel).toBeGreaterThan(sent / 6);
    expect((await run.ended).stderr).toContain('the kernel drops datagrams');
  },
  TEST_TIMEOUT_MS,
);

test(
  'when the topology stands still, the journal fills up, and what finds it full is counted',
  async () => {
    const sent = 20_000;
    const run = await receiving(folder.path, { port, journalBytes: 1_048_576 });
    const [worker] = await run.until('the worker was there', () => run.workers());
    process.kill(worker!, 'SIGSTOP');
    await sendNumbers(port, 0, sent, 20_000);
    process.kill(worker!, 'SIGCONT');
    const { summary, left } = await stopped(run);
    const { kernel, journal } = drops(summary);
    expect(summary.acked + left.length + kernel + journal).toBe(sent);
    expect(journal).toBeGreaterThan(0);
    expect((await run.ended).stderr).toContain('the journal is full');
  },
  TEST_TIMEOUT_MS,
);

const disk = smallDisk(16 * 1024 * 1024);
afterAll(() => disk?.unmount());

(disk === undefined ? test.skip : test)(
  'while the disk is full, what comes waits in memory up to the bound of the journal, and goes on when there is room',
  async () => {
    const { dir, fill, makeRoom } = disk!;
    const sent = 8_000;
    const run = await receiving(dir, { port, journalBytes: 1_048_576 });
    expect(fill).toThrow('ENOSPC');
    await sendNumbers(port, 0, sent, 8_000);
    await run.until('it waited', () =>
      run.stderr.includes('the journal cannot be written (ENOSPC)'),
    );
    makeRoom();
    await run.until('it went on', () => run.stderr.includes('the journal can be written again'));
    const { summary, left } = await stopped(run, dir);
    const { kernel, journal } = drops(summary);
    expect(summary.acked + left.length + kernel + journal).toBe(sent);
    expect(summary.acked + left.length).toBeGreaterThan(0);
    expect(journal).toBeGreaterThan(0);
  },
  TEST_TIMEOUT_MS,
);

test(
  'a stopped run leaves what it received and had not finished to the next one',
  async () => {
    const sent = 50_000;
    const first = await receiving(folder.path, { port });
    await sendNumbers(port, 0, sent);
    const before = await stopped(first);
    const lost = drops(before.summary).kernel;
    expect(before.summary.acked + before.left.length + lost).toBe(sent);
    const second = await receiving(folder.path, { port });
    await second.until('the rest was done', () => {
      return storedBy(second) >= before.left.length;
    });
    const after = await stopped(second);
    expect([after.summary.acked, after.left]).toEqual([before.left.length, []]);
    expect(new Set(storedNumbers(folder.path)).size).toBe(sent - lost);
  },
  TEST_TIMEOUT_MS,
);

/** As its progress says. */
function storedBy(run: CliRun): number {
  const told = [...run.stderr.matchAll(/ ([\d,]+) acked/g)].at(-1);
  return Number(told?.[1]?.replaceAll(',', '') ?? 0);
}

const FIRST_FREE_PORT = Number(
  readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'),
);

const LINES = `
import { z } from 'zod';
import { bolt, declassify, jsonLines, RawLine, schema, text, topology, udp } from 'squall';
import { reveal } from 'squall/reveal';

const Line = schema('line', { line: text({ maxLength: 70_000 }) });
const read = bolt({
  reads: RawLine,
  emits: { read: Line },
  lineage: { read: { line: declassify('made-up', {}, 'line') } },
  process: (row, emit) => emit.read({ line: reveal(row.line) }),
});

export default topology('lines', { params: z.object({ port: z.number() }) }, (t, { port }) => {
  const lines = t.spout('lines', udp({ port }));
  const { read: all } = t.bolt('read', read, { from: lines.shuffle() });
  t.sink('out', jsonLines({ dir: 'out' }), { from: all.shuffle() });
});
`;

test(
  'lines come out as they were sent, however they were packed into datagrams',
  async () => {
    const here = place();
    const suites = ['wikimedia/udp_filter', 'wikimedia/server_raw_lines'].map(conformance);
    const lines: string[] = [
      ...(suites[0]?.['lines'] ?? []),
      ...(suites[1]?.['cases'].map(({ input }: { input: { line: string } }) => input.line) ?? []),
      'x'.repeat(65_507),
    ];
    const packed = [lines.slice(0, 7).join('\n'), ...lines.slice(7), 'a\n\nb\n', 'c\r\n', ''];
    const run = here.start([
      ...['run', here.write('lines.mjs', LINES), '--set', `port=${port}`, '--inline', '--json'],
    ]);
    await run.until(() => run.stderr().includes('receives on'));
    const socket = createSocket('udp4');
    for (const datagram of packed)
      await new Promise<void>((done, failed) =>
        socket.send(datagram, port, '127.0.0.1', (error) => (error ? failed(error) : done())),
      );
    socket.close();
    const wanted = [...lines, 'a', '', 'b', 'c'];
    await run.until(
      () =>
        / ([\d,]+) acked/.test(run.stderr()) && run.stderr().includes(` ${wanted.length} acked`),
    );
    run.signal('SIGINT');
    const { code, stderr } = await run.ended;
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const [out] = readdirSync(here.path('out')).filter((name) => name.endsWith('.jsonl'));
    const stored = readFileSync(here.path(`out/${out}`), 'utf8')
      .trimEnd()
      .split('\n');
    expect(stored.map((row) => (JSON.parse(row) as { line: string }).line)).toEqual(wanted);
  },
  TEST_TIMEOUT_MS,
);

test(
  'a port in use, and tasks that cannot share one, are said before anything starts',
  async () => {
    const here = place();
    const taken = createSocket('udp4').bind(port, '127.0.0.1');
    await once(taken, 'listening');
    here.write('lines.mjs', LINES);
    const run = ['run', './lines.mjs', '--set', `port=${port}`];
    const inUse = await here.squall(run);
    expect([inUse.code, inUse.stdout]).toEqual([2, '']);
    expect(inUse.stderr).toBe(
      `lines: cannot listen on UDP port ${port} of 127.0.0.1: it is in use. See who has it with "ss -lunp", or take another port.\n`,
    );
    taken.close();
    const lesser = lesserUser();
    if (lesser !== undefined && FIRST_FREE_PORT > 80) {
      const privileged = await here.squall(
        ['run', './lines.mjs', '--set', 'port=80', '--state', 'lesser'],
        lesser,
      );
      expect(privileged.code).toBe(2);
      expect(privileged.stderr).toContain('UDP port 80 of 127.0.0.1: it is privileged.');
    }
    here.write('lines.mjs', LINES.replace('udp({ port })', 'udp({ port }), { tasks: 2 }'));
    const shared = await here.squall(run);
    expect(shared.code).toBe(2);
    expect(shared.stderr).toContain('lines: 2 tasks cannot share a port here');
  },
  TEST_TIMEOUT_MS,
);
