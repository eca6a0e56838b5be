/**
 * The memory of a worker that reads much: `node one.js max|growth <files dir> <out dir>` runs canonicalize in one worker process on
 * all files of the folder and prints the largest resident set in MB, or the median of the last quarter ÷ that of the third.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { preparationOf } from '../../runtime/coordinator/preparation.js';
import { Run } from '../../runtime/coordinator/run.js';
import { forkWorker, type WorkerHandle } from '../../runtime/coordinator/worker-handle.js';
import { catalog } from '../../topology/catalog/index.js';
import canonicalize from '../../topology/catalog/canonicalize.js';
import { build } from '../../topology/plan/build.js';

const [, , what = '', files = '', outDir = ''] = process.argv;
const out = mkdtempSync(join(outDir, 'memory-'));
const parameters = { input: `${files}/*`, out };
const built = build(canonicalize, parameters);
let worker: WorkerHandle | undefined;
const megabytes: number[] = [];
const sampling = setInterval(() => {
  if (worker !== undefined) megabytes.push(residentMb(worker.pid));
}, 250);
const run = new Run({
  topology: preparationOf(built),
  source: { module: catalog['canonicalize']! },
  parameters,
  workers: 1,
  stateDir: join(out, 'state'),
  options: { maxSpoutPending: 32_768, maxAttempts: 5, messageTimeoutMs: 30_000, acking: true },
  startWorker: (start, events) => (worker = forkWorker(2)(start, events)),
  events: { notice: () => {}, resumed: () => {}, workerDied: () => {}, stalled: () => {} },
});
await run.run();
clearInterval(sampling);
rmSync(out, { recursive: true });
const quarter = megabytes.length >> 2;
const median = (values: readonly number[]): number =>
  values.toSorted((x, y) => x - y)[values.length >> 1]!;
const growth = median(megabytes.slice(-quarter)) / median(megabytes.slice(-2 * quarter, -quarter));
process.stdout.write(
  `${JSON.stringify({ value: what === 'max' ? Math.max(...megabytes) : growth })}\n`,
);

function residentMb(pid: number): number {
  try {
    return (
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
    );
  } catch {
    return 0;
  }
}
