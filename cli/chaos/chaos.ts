/** Strikes a running topology again and again, and holds its accounts against each other. @module */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TopologyStatus } from '../../runtime/nimbus/status.js';
import { stateDirOf } from '../../runtime/supervisor/folders.js';
import { Client } from '../client.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { atRest, committed, Replays } from './accounts.js';
import { Acks } from './acks.js';
import { quantile, type ChaosReport } from './report.js';
import { strike, type Way } from './strikes.js';

export interface ChaosOptions {
  readonly cluster: string;
  readonly topology: string;
  readonly way: Way;
  /** At least as long between two strikes; never before the last one is got over. */
  readonly everyMs: number;
  readonly forMs: number;
  /** Not more often. */
  readonly timesMax: number;
}

const BACK_MS = 60_000;

/** @throws CommandError when it does not run */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const { cluster, topology, way } = options;
  const client = (): Promise<Client> => patient(() => Client.of({ cluster }));
  const status = await (await client()).show(topology);
  if (status.state !== 'running')
    throw new CommandError(`${topology} is ${status.state}; only one that runs can be struck.`);
  const stateDir = stateDirOf(resolve(cluster), topology);
  const spouts = spoutsByWorker(status);
  const before = await committed(stateDir, status);
  const acks = new Acks(stateDir);
  const replays = new Replays(client, topology, status);
  const took = await series(options, () => {
    replays.struck();
    return strike(way, { cluster, topology, acks, spouts });
  });
  acks.stop();
  replays.stop();
  const after = await patient(() => atRest(client, topology, stateDir));
  const back = took.filter((ms) => !Number.isNaN(ms));
  return {
    topology,
    fault: typeof way === 'object' ? `kill ${way.kill}` : way,
    strikes: took.length,
    sent: after.emitted - before.emitted,
    delivered: after.acked - before.acked,
    deadLetters: after.deadLetters - before.deadLetters,
    lost: after.emitted - after.acked - after.deadLetters,
    duplicatesMax: replays.atMost,
    recoveryMs: { p50: quantile(back, 0.5), p99: quantile(back, 0.99) },
    unrecovered: took.length - back.length,
    stalls: { count: acks.stallsMs.length, longestMs: Math.max(0, ...acks.stallsMs) },
  };
}

/** @returns how long each took to get over */
async function series(
  { everyMs, forMs, timesMax }: ChaosOptions,
  strikeOnce: () => Promise<number | undefined>,
): Promise<number[]> {
  const startMs = performance.now();
  const took: number[] = [];
  while (took.length < timesMax && performance.now() - startMs < forMs) {
    const struckMs = performance.now();
    const ms = await strikeOnce();
    if (ms !== undefined) took.push(ms);
    // With nobody there to be struck, it is looked again.
    await sleep(Math.max(ms === undefined ? 50 : 0, everyMs - (performance.now() - struckMs)));
  }
  return took;
}

function spoutsByWorker({ components }: TopologyStatus): Map<number, string[]> {
  const spouts = new Map<number, string[]>();
  for (const { name, role, taskWorkers } of components)
    if (role === 'spout')
      for (const [task, worker] of taskWorkers.entries())
        spouts.set(worker, [...(spouts.get(worker) ?? []), `${encodeURIComponent(name)}-${task}`]);
  return spouts;
}

/** Nimbus may just be away: it was killed, or is starting. @throws CommandError when it stays away */
async function patient<T>(ask: () => Promise<T>): Promise<T> {
  for (const deadlineMs = performance.now() + BACK_MS; ; await sleep(100)) {
    try {
      return await ask();
    } catch (error) {
      const isAway = error instanceof CommandError && error.exitCode === EXIT.unreachable;
      if (!isAway || performance.now() > deadlineMs) throw error;
    }
  }
}
