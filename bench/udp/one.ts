/**
 * Datagrams of 250 bytes into the journal, while another process reads and deletes what is in it.
 *
 * `node one.js rate <seconds>` prints the highest rate that was held so long without a drop, in thousands a second; `node one.js
 * cpu <seconds>` the µs of CPU a datagram in the receiving process, at 80,000 a second. Sender and reader are this script again.
 *
 * @module
 */
import { fork, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../runtime/clock.js';
import { OwnMetrics } from '../../runtime/metrics/own-metrics.js';
import { LinesReader } from '../../runtime/state/lines-reader.js';
import { LinesWriter } from '../../runtime/state/lines-writer.js';
import { journalFolder, PARTITION } from '../../runtime/state/received.js';
import { udp } from '../../spouts/udp/index.js';

const PORT = 18_421;
const SIZE = 250;
const MAX_BYTES = 2 ** 30;
const WAITING_MAX = 256;

/** Tried in this order, for a moment each. */
const RATES = [40_000, 60_000, 80_000, 100_000, 120_000, 150_000, 180_000];
const TRIAL_SECONDS = 3;
const CPU_RATE = 80_000;

const [, , role = 'rate', ...args] = process.argv;

if (role === 'send') await send(Number(args[0]), Number(args[1]));
else if (role === 'read') await read(args[0]!);
else if (role === 'cpu') print((await receive(CPU_RATE, Number(args[0]))).cpuUs);
else print(await highest(Number(args[0])));

function print(value: number): void {
  process.stdout.write(`${JSON.stringify({ value })}\n`);
}

/** In thousands a second; 0 when none is held. */
async function highest(seconds: number): Promise<number> {
  const held: number[] = [];
  for (const rate of RATES) {
    if ((await receive(rate, TRIAL_SECONDS)).drops > 0) break;
    held.push(rate);
  }
  for (const rate of held.toReversed()) {
    const { drops, perSecond } = await receive(rate, seconds);
    if (drops === 0) return perSecond / 1000;
  }
  return 0;
}

interface Received {
  readonly drops: number;
  /** What was really sent: a sender may be slower than it was told to be. */
  readonly perSecond: number;
  readonly cpuUs: number;
}

async function receive(rate: number, seconds: number): Promise<Received> {
  const folder = mkdtempSync(join(tmpdir(), 'squall-bench-udp-'));
  const own = new OwnMetrics();
  const writer = await LinesWriter.open({
    folder: journalFolder(folder),
    maxBytes: MAX_BYTES,
    committed: 0,
    clock: systemClock,
    durably: (action) => action(),
    fatal,
  });
  const receiver = await udp({ port: PORT }).receive!({
    topology: 'bench',
    component: 'lines',
    now: Date.now,
    warn: () => {},
    ...own.of('lines'),
    journal: async () => writer,
    fatal,
  });
  const reader = child('read', folder);
  const cpu = process.cpuUsage();
  const [{ perSecond }] = (await once(child('send', rate, seconds), 'message')) as [Received];
  await receiver.close();
  await writer.close();
  const { user, system } = process.cpuUsage(cpu);
  reader.kill();
  await once(reader, 'exit');
  rmSync(folder, { recursive: true });
  const count = (name: string): number =>
    own.snapshot().find((series) => series.name === name)?.value ?? NaN;
  return {
    drops: count('udp_kernel_drops_total') + count('udp_journal_drops_total'),
    perSecond,
    cpuUs: (user + system) / count('udp_datagrams_total'),
  };
}

function child(...words: readonly (string | number)[]): ChildProcess {
  return fork(fileURLToPath(import.meta.url), words.map(String));
}

async function send(rate: number, lastsSeconds: number): Promise<void> {
  const socket = createSocket('udp4');
  const connected = once(socket, 'connect');
  socket.connect(PORT, '127.0.0.1');
  await connected;
  const datagram = Buffer.alloc(SIZE, 'x');
  const count = rate * lastsSeconds;
  let sent = 0;
  let waiting = 0;
  const done = (): void => void waiting--;
  const startMs = performance.now();
  while (sent < count || waiting > 0) {
    const due = Math.min(count, ((performance.now() - startMs) / 1000) * rate);
    for (; sent < due && waiting < WAITING_MAX; sent++, waiting++) socket.send(datagram, done);
    await turn();
  }
  process.send!({ perSecond: (1000 * sent) / (performance.now() - startMs) });
  socket.close();
  process.disconnect();
}

/** What a worker does with a journal beside its bolts. */
async function read(folder: string): Promise<void> {
  const reader = await LinesReader.open(
    {
      component: 'lines',
      stateDir: folder,
      committed: new Map(),
      now: Date.now,
      warn: () => {},
      wake: () => {},
      ...new OwnMetrics().of('lines'),
    },
    { maxAgeMs: Infinity, clock: systemClock },
  );
  setInterval(() => {
    for (let batch = reader.poll(); batch !== 'idle'; batch = reader.poll()) {
      reader.committed(new Map([[PARTITION, batch.positionAfter(batch.count - 1)]]));
      reader.release(batch);
    }
  }, 100);
}

function fatal(error: unknown): never {
  throw error;
}
