/** Datagrams that are numbered, a topology that stores them, and what the kernel says of them. @module */
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { systemClock } from '../../runtime/clock.js';
import { OwnMetrics } from '../../runtime/metrics/own-metrics.js';
import { readCommits } from '../../runtime/state/commits.js';
import { taskFolder } from '../../runtime/state/folder.js';
import { LinesReader } from '../../runtime/state/lines-reader.js';
import type { Summary } from '../../cli/summary.js';
import { CliRun } from './chaos/cli-run.js';

/** Stores the number that a datagram begins with. */
const TOPOLOGY = `
import { z } from 'zod';
import { bolt, declassify, int, jsonLines, RawLine, schema, topology, udp } from 'squall';
import { reveal } from 'squall/reveal';

const Item = schema('item', { number: int() });
const read = bolt({
  reads: RawLine,
  emits: { items: Item },
  lineage: { items: { number: declassify('made-up', {}, 'line') } },
  process: (row, emit) => emit.items({ number: Number(reveal(row.line).slice(0, 9)) }),
});
const params = z.object({ port: z.number(), buffer: z.number(), maxBytes: z.number() });

export default topology('numbers', { params }, (t, { port, buffer, maxBytes }) => {
  const lines = t.spout('lines', udp({ port, receiveBufferBytes: buffer, journal: { maxBytes } }));
  const { items } = t.bolt('read', read, { from: lines.shuffle() });
  t.sink('out', jsonLines({ dir: 'out' }), { from: items.shuffle() });
});
`;

const SIZE = 250;
const WAITING_MAX = 256;

export interface UdpRunOptions {
  readonly port: number;
  readonly workers?: number;
  readonly bufferBytes?: number;
  readonly journalBytes?: number;
}

/** Starts a run that stores numbers in `folder`, and waits until it receives. */
export async function receiving(
  folder: string,
  { port, workers = 1, bufferBytes = 4_194_304, journalBytes = 268_435_456 }: UdpRunOptions,
): Promise<CliRun> {
  writeFileSync(join(folder, 'numbers.mjs'), TOPOLOGY);
  const set = { port, buffer: bufferBytes, maxBytes: journalBytes };
  const run = new CliRun(folder, './numbers.mjs', [
    ...Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
    ...['--workers', String(workers)],
  ]);
  await run.until('it received', () => run.stderr.includes(`receives on UDP port ${port}`));
  return run;
}

/** Sends the numbers [from, from + count), each in a datagram. @throws Error when one cannot be sent */
export async function sendNumbers(
  port: number,
  from: number,
  count: number,
  perSecond = Infinity,
): Promise<void> {
  const socket = createSocket('udp4');
  const connected = once(socket, 'connect');
  socket.connect(port, '127.0.0.1');
  await connected;
  const startMs = performance.now();
  let sent = 0;
  let waiting = 0;
  let problem: Error | null = null;
  const done = (error: Error | null): void => {
    waiting--;
    problem ??= error;
  };
  while (sent < count || waiting > 0) {
    const due = Math.min(count, ((performance.now() - startMs) / 1000) * perSecond);
    for (; sent < due && waiting < WAITING_MAX; sent++, waiting++)
      socket.send(
        String(from + sent)
          .padStart(9, '0')
          .padEnd(SIZE, 'x'),
        done,
      );
    await turn();
  }
  socket.close();
  if (problem !== null) throw problem;
}

/** Sends numbers as fast as a process of its own can, for so long; returns how many. @throws Error when one cannot be sent */
export async function flood(port: number, durationMs: number): Promise<number> {
  const args = ['--input-type=module', '-e', FLOOD, String(port), String(durationMs)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return Number(stdout);
}

const FLOOD = `
import { createSocket } from 'node:dgram';
const [, port, durationMs] = process.argv.map(Number);
const socket = createSocket('udp4');
const datagram = Buffer.from('0'.repeat(9).padEnd(${SIZE}, 'x'));
let [sent, waiting] = [0, 0];
const sending = () => {
  while (waiting < ${WAITING_MAX} && performance.now() < durationMs) {
    waiting++;
    socket.send(datagram, (error) => {
      if (error) throw error;
      waiting--;
      sent++;
    });
  }
  if (waiting > 0 || performance.now() < durationMs) return setImmediate(sending);
  socket.close();
  console.log(sent);
};
socket.connect(port, '127.0.0.1', sending);
`;

/** The numbers that are stored, as often as they are. */
export const storedNumbers = (folder: string): number[] =>
  readdirSync(join(folder, 'out'))
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) =>
      readFileSync(join(folder, 'out', name), 'utf8')
        .trimEnd()
        .split('\n'),
    )
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { number: number }).number);

/** The numbers that the run in `folder`, which has ended, left in its journal. */
export async function leftNumbers(folder: string): Promise<number[]> {
  const stateDir = join(folder, 'state');
  const { positions } = await readCommits(stateDir, 'lines');
  const context = {
    component: 'lines',
    stateDir: taskFolder(stateDir, 'lines', 0),
    committed: positions,
    now: () => Date.now(),
    warn: () => {},
    wake: () => {},
    ...new OwnMetrics().of('lines'),
  };
  const reader = await LinesReader.open(context, { maxAgeMs: Infinity, clock: systemClock });
  const numbers: number[] = [];
  for (let batch = reader.poll(); batch !== 'idle'; batch = reader.poll()) {
    for (let i = 0; i < batch.count; i++)
      numbers.push(Number(Buffer.from(batch.raw(i)).toString('latin1', 0, 9)));
    reader.release(batch);
  }
  reader.close();
  return numbers;
}

export const committedNumbers = async (folder: string): Promise<number> =>
  (await readCommits(join(folder, 'state'), 'lines')).counters.acked;

/** A figure that the spout counted. */
export const figure = (summary: Summary, name: string): number =>
  summary.metrics?.find((metric) => metric.name === name)?.value ?? NaN;

/** What the kernel has dropped of what was sent to a port. */
export function kernelDrops(port: number): number {
  const local = port.toString(16).toUpperCase().padStart(4, '0');
  const row = readFileSync('/proc/net/udp', 'utf8')
    .split('\n')
    .find((line) => line.trim().split(/\s+/)[1]?.endsWith(`:${local}`));
  return Number(row?.trim().split(/\s+/)[12] ?? NaN);
}
