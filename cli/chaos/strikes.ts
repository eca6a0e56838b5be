/** What is done to a process, and how it is known that the topology has got over it. @module */
import { once } from 'node:events';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../runtime/state/process-id.js';
import { socketOf } from '../../runtime/supervisor/folders.js';
import { addressIn } from '../cluster-folder.js';
import type { Acks } from './acks.js';
import { victims, type Part, type Victim } from './victims.js';

export type Way =
  | { readonly kill: Part }
  /** Stopped until it is replaced. */
  | 'freeze'
  /** Stopped half of the time. */
  | 'slow';

export interface Struck {
  readonly cluster: string;
  readonly topology: string;
  readonly acks: Acks;
  /** Spout tasks by worker, as `<component>-<task>`. */
  readonly spouts: ReadonlyMap<number, readonly string[]>;
}

const PATIENCE_MS = 120_000;
const POLL_MS = 5;
const SLOW_MS = 2000;
const TURN_MS = 50;

/**
 * Strikes once, and waits until that is got over: until a message is acked by whoever replaces a worker, or until another
 * supervisor or nimbus is there.
 * @returns how long that took, in milliseconds; undefined when there was nobody to strike; NaN when it did not come back
 */
export async function strike(way: Way, struck: Struck): Promise<number | undefined> {
  const part = typeof way === 'object' ? way.kill : 'worker';
  const all = await victims(struck.cluster, struck.topology, part);
  const victim = all[Math.floor(Math.random() * all.length)];
  if (victim === undefined) return undefined;
  const startMs = performance.now();
  if (way === 'slow') await slow(victim.pid);
  else signal(victim.pid, way === 'freeze' ? 'SIGSTOP' : 'SIGKILL');
  if (part !== 'worker') return replaced(struck, part, victim, startMs);
  const tasks = struck.spouts.get(victim.worker ?? -1) ?? [];
  // With no source in it, what other workers commit just after its death tells nothing: its successor must be there.
  if (way === 'freeze' || (way !== 'slow' && tasks.length === 0)) {
    if (Number.isNaN(await replaced(struck, part, victim, startMs))) return NaN;
  } else while (way !== 'slow' && isAlive(victim)) await sleep(1);
  const ackedMs = await struck.acks.after(struck.acks.mark(), tasks, PATIENCE_MS);
  return ackedMs === undefined ? NaN : ackedMs - startMs;
}

/** How long it took until another is there in its place; NaN when none comes. */
async function replaced(
  { cluster, topology }: Struck,
  part: Part,
  { pid, worker }: Victim,
  startMs: number,
): Promise<number> {
  for (;;) {
    const now = await victims(cluster, topology, part);
    const isThere = now.some((each) => each.worker === worker && each.pid !== pid);
    if (isThere && (await isUp(cluster, part))) return performance.now() - startMs;
    if (performance.now() - startMs > PATIENCE_MS) return NaN;
    await sleep(POLL_MS);
  }
}

async function slow(pid: number): Promise<void> {
  const untilMs = performance.now() + SLOW_MS;
  while (performance.now() < untilMs) {
    signal(pid, 'SIGSTOP');
    await sleep(TURN_MS);
    signal(pid, 'SIGCONT');
    await sleep(TURN_MS);
  }
}

/** It may have gone by itself. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Then it is replaced all the same.
  }
}

/** Whether a half of the cluster can be called. Of workers, their acks tell. */
async function isUp(cluster: string, part: Part): Promise<boolean> {
  if (part === 'worker') return true;
  if (part === 'nimbus')
    return addressIn(cluster).then(
      () => true,
      () => false,
    );
  const socket = connect(socketOf(resolve(cluster)));
  const isAnswered = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'close').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return isAnswered;
}
