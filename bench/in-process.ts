/** Runs a topology inline and measures the CPU time of an event, without the warm-up. @module */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preparationOf } from '../runtime/coordinator/preparation.js';
import { Run } from '../runtime/coordinator/run.js';
import { inlineWorker } from '../runtime/coordinator/worker-handle.js';
import { build } from '../topology/plan/build.js';
import type { Topology } from '../topology/dsl/topology.js';

export interface Measured {
  readonly events: number;
  readonly cpuUs: number;
  readonly wallMs: number;
}

/** Counts CPU and wall time from the first report at or after `warmup` events to the end. */
export class Meter {
  readonly #warmup: number;
  #from: { events: number; cpu: NodeJS.CpuUsage; wallMs: number } | null = null;

  constructor(warmup: number) {
    this.#warmup = warmup;
  }

  at(events: number): void {
    if (this.#from === null && events >= this.#warmup)
      this.#from = { events, cpu: process.cpuUsage(), wallMs: performance.now() };
  }

  end(events: number): Measured {
    if (this.#from === null)
      throw new Error(`There were only ${events} events, fewer than the warm-up.`);
    const { user, system } = process.cpuUsage(this.#from.cpu);
    return {
      events: events - this.#from.events,
      cpuUs: user + system,
      wallMs: performance.now() - this.#from.wallMs,
    };
  }
}

/** @param until stops a source without an end when so many messages were emitted */
export async function measureTopology(
  topology: Topology,
  parameters: unknown,
  warmup: number,
  acking = true,
  until = Infinity,
): Promise<Measured> {
  const built = build(topology, parameters);
  const stateDir = mkdtempSync(join(tmpdir(), 'squall-bench-'));
  const meter = new Meter(warmup);
  const run = new Run({
    topology: preparationOf(built),
    source: { module: '' },
    parameters,
    workers: 1,
    stateDir,
    options: { maxSpoutPending: 32_768, maxAttempts: 5, messageTimeoutMs: 30_000, acking },
    startWorker: (start, workerEvents) =>
      inlineWorker(built)(start, {
        ...workerEvents,
        message(message) {
          if (message.type === 'counters') {
            const emitted = Math.max(...message.counters.map((each) => each.emitted));
            meter.at(emitted);
            if (emitted >= until) run.drain();
          }
          workerEvents.message(message);
        },
      }),
    events: {
      notice: (message, { component }) => process.stderr.write(`${component}: ${message}\n`),
      resumed: () => {},
      workerDied: () => {},
      stalled: (code) => process.stderr.write(`stalled: ${code}\n`),
    },
  });
  const { components, outcome, error } = await run.run();
  const emitted = components
    .filter(({ role }) => role === 'spout')
    .reduce((sum, each) => sum + each.emitted, 0);
  const dead = components.reduce((sum, each) => sum + each.deadLetters, 0);
  if (outcome !== (until === Infinity ? 'completed' : 'stopped') || dead > 0)
    throw new Error(`The run ${outcome} (${error ?? ''}), ${dead} dead letters.`);
  rmSync(stateDir, { recursive: true });
  return meter.end(emitted);
}
