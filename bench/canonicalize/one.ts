/**
 * One run of canonicalize on a file: `node one.js hand|topology|acks-off <input> <out dir> <warm-up lines>` prints µs of CPU an
 * event, `node one.js workers-N …` events a second,
 * with N worker processes.
 *
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { preparationOf } from '../../runtime/coordinator/preparation.js';
import { Run } from '../../runtime/coordinator/run.js';
import { forkWorker } from '../../runtime/coordinator/worker-handle.js';
import { catalog } from '../../topology/catalog/index.js';
import canonicalize from '../../topology/catalog/canonicalize.js';
import { build } from '../../topology/plan/build.js';
import { Meter, measureTopology } from '../in-process.js';
import { canonicalizeByHand } from './hand-loop.js';

const [, , kind = '', input = '', outDir = '', warmup = '0'] = process.argv;
const out = mkdtempSync(join(outDir, 'canonicalize-'));
const value = kind.startsWith('workers-')
  ? await eventsPerSecond(Number(kind.slice('workers-'.length)))
  : await cpuUs();
rmSync(out, { recursive: true });
process.stdout.write(`${JSON.stringify({ value })}\n`);

async function cpuUs(): Promise<number> {
  const meter = new Meter(Number(warmup));
  let lines = 0;
  const byHand = (): Promise<void> =>
    canonicalizeByHand(input, out, (done) => {
      lines = done;
      meter.at(done);
    });
  const measured =
    kind === 'hand'
      ? await byHand().then(() => meter.end(lines))
      : await measureTopology(canonicalize, { input, out }, Number(warmup), kind !== 'acks-off');
  return measured.cpuUs / measured.events;
}

/**
 * From when the warm-up was read, and the code is compiled, until the first worker has done its share: what the last one
 * does alone is not the work of all. Read from the counters that workers send, four times a second.
 */
async function eventsPerSecond(workers: number): Promise<number> {
  const parameters = { input, out };
  const built = build(canonicalize, parameters);
  const counted = new Map<number, number>();
  let from: { events: number; ms: number } | undefined;
  let to: { events: number; ms: number } | undefined;
  let isWhole = true;
  const run = new Run({
    topology: preparationOf(built),
    source: { module: catalog['canonicalize']! },
    parameters,
    workers,
    stateDir: join(out, 'state'),
    options: { maxSpoutPending: 32_768, maxAttempts: 5, messageTimeoutMs: 30_000, acking: true },
    startWorker: (start, events) =>
      forkWorker(2)(start, {
        ...events,
        message(message) {
          if (message.type === 'quiet') isWhole = false;
          if (message.type === 'counters' && start.type === 'start' && isWhole) {
            // The spout stands first.
            counted.set(start.worker, message.counters[0]!.emitted);
            const events = [...counted.values()].reduce((sum, each) => sum + each, 0);
            to = { events, ms: performance.now() };
            if (counted.size === workers && events >= Number(warmup)) from ??= to;
          }
          events.message(message);
        },
      }),
    events: { notice: () => {}, resumed: () => {}, workerDied: () => {}, stalled: () => {} },
  });
  const { outcome } = await run.run();
  if (outcome !== 'completed') throw new Error(`The run ${outcome}.`);
  if (from === undefined || to === undefined || to === from)
    throw new Error('The input was too short to measure a rate.');
  return (to.events - from.events) / ((to.ms - from.ms) / 1000);
}
