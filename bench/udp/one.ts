/**
 * Datagrams of 250 bytes into the journal, with a task's end of it in another process that reads and deletes:
 * `node one.js rate|cpu <datagrams a second> <seconds>` prints how many a second were journalled, in thousands and 0 when one
 * was dropped, or µs of CPU a datagram in the receiving process. Sender and reader are this script again.
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

const [, , role = 'rate', perSecond = '80000', seconds = '3', dir = ''] = process.argv;

if (role === 'send') await send(Number(perSecond), Number(seconds));
else if (role === 'read') await read(dir);
else await receive();

async function receive(): Promise<void> {
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
  const sender = child('send');
  const [sent] = (await once(sender, 'message')) as [{ readonly perSecond: number }];
  await receiver.close();
  await writer.close();
  const { user, system } = process.cpuUsage(cpu);
  reader.kill();
  await once(reader, 'exit');
  rmSync(folder, { recursive: true });
  const count = (name: string): number =>
    own.snapshot().find((series) => series.name === name)?.value ?? NaN;
  const drops = count('udp_kernel_drops_total') + count('udp_journal_drops_total');
  const rate = drops > 0 ? 0 : sent.perSecond / 1000;
  const cpuUs = (user + system) / count('udp_datagrams_total');
  process.stdout.write(`${JSON.stringify({ value: role === 'cpu' ? cpuUs : rate })}\n`);
}

function child(as: string, folder = ''): ChildProcess {
  return fork(fileURLToPath(import.meta.url), [as, perSecond, seconds, folder]);
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
    { maxAgeMs: Infinity },
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
