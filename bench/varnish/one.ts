/**
 * Lines as varnishncsa writes them, journalled by a process of their own and acked by a worker:
 * `node one.js <lines>` prints how many a second, in thousands. In varnishncsa's place stands this script again, which
 * writes as fast as it is read; 470 bytes a line.
 *
 * @module
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { preparationOf } from '../../runtime/coordinator/preparation.js';
import { Run } from '../../runtime/coordinator/run.js';
import { forkWorker } from '../../runtime/coordinator/worker-handle.js';
import { build } from '../../topology/plan/build.js';
import topology from './topology.js';

const [, , count = '600000', ...options] = process.argv;
const LINES = Number(count);
/** What compiling takes does not show. */
const WARMUP = LINES / 6;
const BLOCK_LINES = 100;
/** With the marks that the spout's format has. */
const LINE =
  '192.0.2.77 - - [21/Nov/2026:01:08:05 +0000] "GET http://127.0.0.1:16081/event.gif?e=view&u=user1&sid=s1&exp=checkout' +
  '&var=B&p=%2Fproducts%2F1&seq=0&t=1795223285910 HTTP/1.1" 204 0 "\x1fhttps://shop.example/products/1\x1f" "\x1fMozilla/5.0 ' +
  '(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15\x1f"\x1f' +
  '/event.gif?e=view&u=user1&sid=s1&exp=checkout&var=B&p=%2Fproducts%2F1&seq=0&t=1795223285910\x1f\n';

if (options.includes('-F')) write(options.includes('-d') ? 1 : LINES);
else await measure();

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'squall-bench-varnish-'));
  standIn(join(folder, 'bin'));
  const seen: { readonly acked: number; readonly ms: number }[] = [];
  const run: Run = new Run({
    topology: preparationOf(build(topology, {})),
    source: { module: fileURLToPath(new URL('topology.js', import.meta.url)) },
    parameters: {},
    workers: 1,
    stateDir: join(folder, 'state'),
    options: { maxSpoutPending: 32_768, maxAttempts: 5, messageTimeoutMs: 30_000, acking: true },
    startWorker: (start, events) =>
      forkWorker(2)(start, {
        ...events,
        message(message) {
          events.message(message);
          if (message.type !== 'counters') return;
          const acked = run.components().find(({ name }) => name === 'lines')!.acked;
          if (acked >= WARMUP && acked > (seen.at(-1)?.acked ?? 0))
            seen.push({ acked, ms: performance.now() });
          if (acked === LINES) run.drain();
        },
      }),
    events: { notice: () => {}, resumed: () => {}, workerDied: () => {}, stalled: () => {} },
  });
  await run.run();
  rmSync(folder, { recursive: true });
  // The last report came some time after the last line.
  const [first, last] = [seen[0]!, seen.at(-2)!];
  const value = (last.acked - first.acked) / (last.ms - first.ms);
  process.stdout.write(`${JSON.stringify({ value })}\n`);
}

function standIn(folder: string): void {
  mkdirSync(folder);
  const path = join(folder, 'varnishncsa');
  const again = [process.execPath, fileURLToPath(import.meta.url), String(LINES)];
  writeFileSync(path, `#!/bin/sh\nexec ${again.map((arg) => `'${arg}'`).join(' ')} "$@"\n`);
  chmodSync(path, 0o755);
  process.env['PATH'] = `${folder}${delimiter}${process.env['PATH']}`;
}

/** And waits to be ended: varnishncsa does not end by itself. */
function write(lines: number): void {
  const block = Buffer.from(LINE.repeat(BLOCK_LINES));
  for (let left = lines; left > 0; left -= BLOCK_LINES)
    writeAll(left < BLOCK_LINES ? block.subarray(0, left * LINE.length) : block);
  if (!options.includes('-d')) setInterval(() => {}, 1000);
}

function writeAll(bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(1, bytes, at);
}
