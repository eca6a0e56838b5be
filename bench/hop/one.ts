/**
 * Rows of 16 fields from one process to another: `node one.js <rows>` prints µs of CPU a row, both sides added:
 * write into a frame, unix socket, read, three fields touched. The child is this script again.
 *
 * @module
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROW_HEAD } from '../../runtime/transport/frame.js';
import { Sockets } from '../../runtime/transport/sockets.js';
import { Base, viewOf } from '../../topology/rows/base.js';
import { headBytes, readImage, type Slab } from '../../topology/rows/image.js';
import { baseLayout } from '../../topology/rows/layout.js';
import { placesOf } from '../../topology/rows/schema.js';
import { Web } from './web.js';

const ROWS = Number(process.argv[2] ?? 1_000_000);
const WARMUP = Math.floor(ROWS / 10);
const WAITING_BYTES_MAX = 4 * 1024 * 1024;
const ANCHOR = { worker: 0, slot: 1, generation: 1, high: 1, low: 1 };
const idle = { received: () => {}, linked: () => {}, lost: () => {}, taken: () => {} };
const refuse = { row: () => {}, ack: () => {}, fail: () => {}, mark: () => {} };
const cpuUs = (from?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(from);
  return user + system;
};

if (process.argv[3] === undefined) await send();
else receive(process.argv[3]);

async function send(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'squall-hop-'));
  const path = join(dir, 'hop.sock');
  let linked: () => void = () => {};
  const ready = new Promise<void>((resolve) => (linked = resolve));
  let taken: () => void = () => {};
  const sockets = new Sockets(0, 1, 2, refuse, { ...idle, taken: () => taken() });
  await sockets.listen(path);
  const child = fork(fileURLToPath(import.meta.url), [String(ROWS), path], {
    execArgv: ['--max-semi-space-size=64'],
  });
  child.once('message', () => linked());
  await ready;
  const row = sampleRow();
  const outbox = sockets.outbox(1);
  const writer = baseLayout(Web).imageWriter(Web);
  const done = new Promise<number>((resolve) =>
    child.once('message', (message) => resolve(Number(message))),
  );
  let from = process.cpuUsage();
  for (let i = 0; i < ROWS + WARMUP; i++) {
    if (i === WARMUP) from = process.cpuUsage();
    outbox.row(0, 0, ANCHOR, i, i, 0, writer, row);
    if (outbox.waiting > WAITING_BYTES_MAX) await new Promise<void>((resolve) => (taken = resolve));
  }
  outbox.flush();
  const received = await done;
  process.stdout.write(`${JSON.stringify({ value: (cpuUs(from) + received) / ROWS })}\n`);
  sockets.close();
  child.kill();
  rmSync(dir, { recursive: true });
  process.exit();
}

function receive(path: string): void {
  const { spans, numbers } = placesOf(Web);
  const base = new Base(
    Buffer.alloc(0),
    new Int32Array(2 * spans.length),
    new Float64Array(numbers.length),
  );
  const { Row } = baseLayout(Web);
  const head = headBytes(Web);
  let count = 0;
  let touched = 0;
  let from = process.cpuUsage();
  const sockets = new Sockets(
    1,
    1,
    2,
    {
      ...refuse,
      row(slab: Slab, at: number, end: number) {
        base.generation++;
        readImage(base, slab, at + ROW_HEAD, end, numbers.length, head);
        const row = new Row(base, base.generation) as {
          seq: number;
          userAgent: string;
          $url: { length: number };
        };
        touched += row.seq + row.userAgent.length + row.$url.length;
        if (++count === WARMUP) from = process.cpuUsage();
        if (count === ROWS + WARMUP) process.send!(touched > 0 ? cpuUs(from) : NaN);
      },
    },
    idle,
  );
  sockets.dial(0, 1, path);
  setTimeout(() => process.send!(0), 100);
}

/** A row as the splitter leaves it: spans of one line. */
function sampleRow(): object {
  const texts = [
    'cp1010.eqiad.wmnet',
    '2013-03-01T00:00:00.000',
    '96.220.5.149',
    'hit/200',
    'GET',
    'http://en.wikipedia.org/w/index.php?title=Tokyo_530388&action=render&ctype=text/javascript&smaxage=49986&maxage=2592000&debug=false',
    'NONE/wikimedia',
    'text/css; charset=utf-8',
    'http://en.wikipedia.org/wiki/Quantum_mechanics?search=138007445&go=Go&fulltext=1',
    '-',
    'Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.22 (KHTML, like Gecko) Chrome/25.0.1364.172 Safari/537.22',
    'de-DE,de;q=0.8,en-US;q=0.6,en;q=0.4',
    'DE',
  ];
  const line = Buffer.from(`${texts.join('\t')}\t`);
  const { numbers } = placesOf(Web);
  const base = new Base(
    line,
    new Int32Array(2 * texts.length),
    new Float64Array(numbers.length).fill(12),
  );
  base.view = viewOf(line);
  base.lineEnd = line.length;
  base.ascii = true;
  let at = 0;
  for (const [i, text] of texts.entries()) {
    base.spans.set([at, at + text.length], 2 * i);
    at += text.length + 1;
  }
  return new (baseLayout(Web).Row)(base, base.generation);
}
